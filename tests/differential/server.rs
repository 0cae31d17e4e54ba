//! Owns a private PostgreSQL for tests: a copy of the installed one in a temporary folder, with extra extensions, one
//! cluster for each value, no network. Nothing outside of the folder is written.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The oldest version whose catalog the comparison understands.
const OLDEST: u32 = 15;

/// A running server. It stops when the value goes away.
pub struct Server {
    folder: tempfile::TempDir,
    bin: PathBuf,
    client: PathBuf,
    user: Option<String>,
}

/// Where an installation keeps its parts.
struct Installed {
    bin: PathBuf,
    share: PathBuf,
    lib: PathBuf,
}

impl Server {
    /// Starts one. The error says what this machine lacks.
    pub fn start() -> Result<Self, String> {
        let installed = installed()?;
        let user = unprivileged()?;
        let folder = tempfile::Builder::new()
            .prefix("qgate-pg-")
            .tempdir()
            .map_err(|error| format!("a temporary folder: {error}"))?;
        let bin = mirror(&installed, folder.path());
        let server = Self {
            folder,
            bin,
            client: installed.bin.join("psql"),
            user,
        };
        server.hand_over();
        let data = server.at("data");
        server.must(&[
            "initdb",
            "-D",
            &data,
            "--no-locale",
            "--encoding=UTF8",
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "postgres",
        ]);
        let options = format!(
            "-F -c listen_addresses='' -c unix_socket_directories='{}' -c port=5432",
            server.at("socket")
        );
        let log = server.at("data/log");
        server.must(&[
            "pg_ctl", "-D", &data, "-w", "-l", &log, "-o", &options, "start",
        ]);
        Ok(server)
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket/.s.PGSQL.5432")
    }

    /// Makes the folders that the server writes, for the user that it runs as.
    fn hand_over(&self) {
        use std::os::unix::fs::PermissionsExt as _;
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.folder.path(), open).expect("it is ours");
        for name in ["data", "socket"] {
            fs::create_dir(self.at(name)).expect("a folder can be made");
            if let Some(user) = &self.user {
                let mut chown = Command::new("chown");
                let status = chown.arg(user).arg(self.at(name)).status();
                assert!(status.expect("chown is there").success());
            }
        }
    }

    /// Runs a program of the server, as its user.
    fn server_program(&self, args: &[&str]) -> Output {
        let program = self.bin.join(args[0]);
        let mut command = match &self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid", user, "--regid", user, "--clear-groups", "--"])
                    .arg(program);
                command
            }
            None => Command::new(program),
        };
        clean(&mut command);
        // A server that inherits the pipes would keep them open for ever.
        let said = fs::File::create(self.folder.path().join("said")).expect("it can be made");
        let again = said.try_clone().expect("a handle can be copied");
        command
            .args(&args[1..])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(again);
        let status = command.status().expect("it can be run");
        Output {
            status,
            stdout: fs::read(self.at("said")).expect("it was just written"),
            stderr: Vec::new(),
        }
    }

    fn must(&self, args: &[&str]) {
        let output = self.server_program(args);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {said}", args[0]);
    }

    /// The address of a database of this server, for the superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_of(database, "postgres", "x")
    }

    /// The address of a database of this server.
    pub fn url_of(&self, database: &str, role: &str, password: &str) -> String {
        let socket = self.at("socket").replace('/', "%2F");
        format!("postgresql://{role}:{password}@{socket}/{database}")
    }

    /// Lets the server speak TLS on this machine: the port, and the certificate of the authority. The certificate is for
    /// `localhost`. The error says what this machine lacks.
    pub fn speak_tls(&self) -> Result<(u16, PathBuf), String> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        fs::write(self.at("names"), "subjectAltName=DNS:localhost\n").expect("it can be written");
        for line in [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=test -days 2",
            "req -newkey rsa:2048 -nodes -keyout own.key -out own.csr -subj /CN=localhost",
            "x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out own.crt -days 2 -extfile names",
        ] {
            let mut command = Command::new("openssl");
            let ran = command
                .args(line.split(' '))
                .current_dir(self.folder.path())
                .output();
            let ran = ran.map_err(|error| format!("the program openssl: {error}"))?;
            assert!(
                ran.status.success(),
                "{}",
                String::from_utf8_lossy(&ran.stderr)
            );
        }
        for (from, to) in [
            ("own.crt", "data/server.crt"),
            ("own.key", "data/server.key"),
        ] {
            use std::os::unix::fs::PermissionsExt as _;
            fs::copy(self.at(from), self.at(to)).expect("it can be copied");
            let private = fs::Permissions::from_mode(0o600);
            fs::set_permissions(self.at(to), private).expect("it is ours");
            if let Some(user) = &self.user {
                let status = Command::new("chown").arg(user).arg(self.at(to)).status();
                assert!(status.expect("chown is there").success());
            }
        }
        let data = self.at("data");
        let options = format!(
            "-F -c ssl=on -c listen_addresses='127.0.0.1' -c port={port} -c unix_socket_directories='{}'",
            self.at("socket")
        );
        self.must(&[
            "pg_ctl",
            "-D",
            &data,
            "-w",
            "-l",
            &self.at("data/log"),
            "-o",
            &options,
            "restart",
        ]);
        Ok((port, self.folder.path().join("ca.crt")))
    }

    /// Makes a role that needs its password to come in.
    pub fn lock(&self, role: &str, password: &str) {
        let rules = self.at("data/pg_hba.conf");
        let others = fs::read_to_string(&rules).expect("initdb wrote it");
        fs::write(&rules, format!("local all {role} scram-sha-256\n{others}"))
            .expect("it can be written");
        let script =
            format!("create role {role} login password '{password}'; select pg_reload_conf();");
        let errors = self.script("postgres", script);
        assert!(errors.is_empty(), "{errors:?}");
    }

    /// Runs a script in a database, each statement for itself; the errors.
    pub fn script(&self, database: &str, script: impl AsRef<[u8]>) -> Vec<String> {
        let output = self.psql(database, script.as_ref(), &[]);
        String::from_utf8_lossy(&output.stderr)
            .lines()
            .filter(|line| line.contains("ERROR:") || line.contains("FATAL:"))
            .map(str::to_owned)
            .collect()
    }

    /// Runs a query; its rows, columns parted by tabs.
    pub fn query(&self, database: &str, query: &str) -> String {
        let output = self.psql(
            database,
            query.as_bytes(),
            &["-At", "-F", "\t", "-v", "ON_ERROR_STOP=1"],
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn psql(&self, database: &str, input: &[u8], args: &[&str]) -> Output {
        let mut command = Command::new(&self.client);
        clean(&mut command);
        let mut child = command
            .args([
                "-X",
                "-q",
                "-U",
                "postgres",
                "-d",
                database,
                "-h",
                &self.at("socket"),
            ])
            .args(args)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql can be run");
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("psql ends");
        // A client that stops at an error does not read the rest.
        drop(writer.join().expect("the writer does not panic"));
        output
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.at("data");
        self.server_program(&["pg_ctl", "-D", &data, "-m", "immediate", "stop"]);
    }
}

/// Nothing of the user's connection settings.
fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C");
}

/// The user that the server runs as, when this process is root, whom PostgreSQL refuses.
fn unprivileged() -> Result<Option<String>, String> {
    let said = |args: &[&str]| {
        let output = Command::new("id").args(args).stderr(Stdio::null()).output();
        let output = output.map_err(|error| format!("the program id: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if said(&["-u"])? != "0" {
        return Ok(None);
    }
    if Command::new("setpriv").arg("--version").output().is_err() {
        return Err("setpriv of util-linux: root must run PostgreSQL as another user".to_owned());
    }
    for name in ["postgres", "nobody"] {
        let id = said(&["-u", name])?;
        if !id.is_empty() {
            return Ok(Some(id));
        }
    }
    Err("a user postgres or nobody: PostgreSQL refuses to run as root".to_owned())
}

/// The newest installation: the folder in `QGATE_TEST_POSTGRES`, Debian's places, or what `pg_config` says.
fn installed() -> Result<Installed, String> {
    let mut places: Vec<PathBuf> = Vec::new();
    if let Some(named) = std::env::var_os("QGATE_TEST_POSTGRES") {
        places.push(named.into());
    } else {
        let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let mut versions: Vec<PathBuf> = debian.flatten().map(|entry| entry.path()).collect();
        versions.sort_by_key(|path| number(&path.to_string_lossy()));
        places.extend(versions.into_iter().rev().map(|path| path.join("bin")));
        let config = Command::new("pg_config").arg("--bindir").output();
        places.extend(config.ok().map(|output| {
            let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            PathBuf::from(text)
        }));
    }
    let whole = |bin: &PathBuf| {
        ["initdb", "pg_ctl", "postgres", "psql", "pg_config"]
            .iter()
            .all(|name| bin.join(name).is_file())
    };
    let Some(bin) = places.into_iter().find(whole) else {
        return Err(format!(
            "PostgreSQL {OLDEST} or newer (initdb, pg_ctl, postgres, psql, pg_config)"
        ));
    };
    let ask = |what: &str| {
        let output = Command::new(bin.join("pg_config")).arg(what).output();
        let output = output.map_err(|error| format!("pg_config: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let version = ask("--version")?;
    if number(&version).is_none_or(|major| major < OLDEST) {
        return Err(format!("PostgreSQL {OLDEST} or newer, not {version}"));
    }
    Ok(Installed {
        share: ask("--sharedir")?.into(),
        lib: ask("--pkglibdir")?.into(),
        bin: ask("--bindir")?.into(),
    })
}

/// The first number in a text, read from its last word with digits.
fn number(text: &str) -> Option<u32> {
    let word = text
        .split(|c: char| !c.is_ascii_digit())
        .find(|word| !word.is_empty())?;
    word.parse().ok()
}

/// Copies the programs of the server and links the rest. PostgreSQL finds its own files relative to its program, so
/// the copy sees the extensions of `tests/differential/extensions` besides the real ones. The folder of the programs.
fn mirror(installed: &Installed, folder: &Path) -> PathBuf {
    let parts = [&installed.bin, &installed.share, &installed.lib];
    let mut prefix = installed.bin.as_path();
    while !parts.iter().all(|part| part.starts_with(prefix)) {
        prefix = prefix.parent().expect("the root is above all");
    }
    let inside = |path: &Path| {
        let path = path.strip_prefix(prefix).expect("it was just asked");
        folder.join("postgres").join(path)
    };
    let make = |path: &Path| fs::create_dir_all(path).expect("a folder can be made");
    let link_all = |from: &Path, to: &Path, but: &str| {
        make(to);
        for entry in fs::read_dir(from).expect("it can be read") {
            let entry = entry.expect("it can be read");
            if entry.file_name() != but {
                let to = to.join(entry.file_name());
                std::os::unix::fs::symlink(entry.path(), to).expect("a link can be made");
            }
        }
    };
    let bin = inside(&installed.bin);
    make(&bin);
    for name in ["initdb", "pg_ctl", "postgres"] {
        fs::copy(installed.bin.join(name), bin.join(name)).expect("it can be copied");
    }
    let lib = inside(&installed.lib);
    make(lib.parent().expect("it has a parent"));
    std::os::unix::fs::symlink(&installed.lib, lib).expect("a link can be made");
    let share = inside(&installed.share);
    link_all(&installed.share, &share, "extension");
    link_all(
        &installed.share.join("extension"),
        &share.join("extension"),
        "",
    );
    pretend(&share.join("extension"));
    bin
}

/// Adds the extensions that Supabase has and this machine lacks, as far as migrations need their names.
fn pretend(extensions: &Path) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/extensions");
    for entry in fs::read_dir(ours).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_stem().expect("it has a name").to_string_lossy();
        let control = extensions.join(format!("{name}.control"));
        if control.exists() {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it can be read");
        let mut settings = "default_version = '1'\ntrusted = true\n".to_owned();
        let schema = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("-- schema: "));
        match schema {
            Some("any") => settings.push_str("relocatable = true\n"),
            Some("fixed") | None => settings.push_str("relocatable = false\n"),
            Some(schema) => writeln!(settings, "relocatable = false\nschema = '{schema}'")
                .expect("a string takes all"),
        }
        fs::write(control, settings).expect("it can be written");
        fs::write(extensions.join(format!("{name}--1.sql")), text).expect("it can be written");
    }
}
