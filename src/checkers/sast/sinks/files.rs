//! Owns what touches files by a name of elsewhere: paths, archives, temporary files, rights.

use crate::source::language::Language;

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::value::{Origin, clean};
use super::super::walk::Walk;

/// Functions that take the name of a file first.
const OPENS: &[&str] = &[
    "open",
    "io.open",
    "codecs.open",
    "os.remove",
    "os.unlink",
    "os.rmdir",
    "os.listdir",
    "os.makedirs",
    "os.mkdir",
    "os.rename",
    "shutil.rmtree",
    "shutil.copy",
    "shutil.copyfile",
    "shutil.move",
    "os.open",
    "send_file",
    "flask.send_file",
    "FileResponse",
    "aiofiles.open",
    "os.stat",
    "os.scandir",
    "fs.readFile",
    "fs.readFileSync",
    "fs.writeFile",
    "fs.writeFileSync",
    "fs.createReadStream",
    "fs.createWriteStream",
    "fs.unlink",
    "fs.unlinkSync",
    "fs.readdir",
    "fs.readdirSync",
    "fs.rm",
    "fs.rmSync",
    "fs.stat",
    "fs.statSync",
    "fs.promises.readFile",
    "fs.promises.writeFile",
    "fs.promises.unlink",
    "fs.appendFile",
    "fs.existsSync",
    "fs.access",
    "fs/promises.readFile",
    "fs/promises.writeFile",
    "fs/promises.unlink",
    "res.sendFile",
    "res.download",
    "fs.open",
    "fs.openSync",
    "os.Open",
    "os.OpenFile",
    "os.ReadFile",
    "os.WriteFile",
    "os.Create",
    "os.Remove",
    "os.RemoveAll",
    "os.ReadDir",
    "ioutil.ReadFile",
    "ioutil.WriteFile",
    "ioutil.ReadDir",
    "http.ServeFile",
    "c.File",
    "os.MkdirAll",
    "FileInputStream",
    "FileOutputStream",
    "FileReader",
    "FileWriter",
    "RandomAccessFile",
    "Files.readAllBytes",
    "Files.readString",
    "Files.newInputStream",
    "Files.newOutputStream",
    "Files.write",
    "Files.delete",
    "Files.copy",
    "Files.lines",
    "Files.readAllLines",
    "Files.newBufferedReader",
    "Files.newBufferedWriter",
    "Files.writeString",
    "Files.deleteIfExists",
    "Files.createFile",
    "Files.createDirectory",
    "Files.createDirectories",
    "Files.move",
    "Files.list",
    "Files.walk",
    "FileUtils.readFileToByteArray",
    "FileUtils.writeStringToFile",
    "FileUtils.deleteDirectory",
    "FileUtils.forceDelete",
    "FileUtils.readFileToString",
    "Files.exists",
    "File.open",
    "fs.read_to_string",
    "fs.read",
    "fs.write",
    "fs.remove_file",
    "File.create",
    "NamedFile.open",
];

/// Methods of a path.
const METHODS: &[&str] = &[
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "open",
    "unlink",
    "iterdir",
    "exists",
    "is_file",
    "rmdir",
    "mkdir",
    "touch",
    "stat",
];

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    path(walk, call);
    archive(walk, call);
    temporary(walk, call);
    rights(walk, call);
}

fn path<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    if call.is(OPENS) {
        let two = call.named(&["ServeFile"]);
        let wanted = call
            .args
            .iter()
            .take(if two { 3 } else { 2 })
            .skip(usize::from(two) * 2);
        for arg in wanted {
            if arg.value.is_input(clean::PATH) && arg.name.is_none() {
                let data = call.named(&[
                    "writeFile",
                    "writeFileSync",
                    "WriteFile",
                    "write",
                    "appendFile",
                ]);
                if data && call.at(0).is_some_and(|first| first.node != arg.node) {
                    continue;
                }
                // A root handed over beside the name keeps it below that root.
                if call.named(&["sendFile", "download"]) && walk.text(call.node).contains("root") {
                    return;
                }
                let confidence = if walk.function_checks(call.node) {
                    Confidence::Low
                } else {
                    Confidence::High
                };
                walk.report(
                    Class::Path,
                    confidence,
                    arg.node,
                    "a request chooses the name of a file",
                );
                return;
            }
        }
        return;
    }
    if walk.language == Language::Python
        && call.named(METHODS)
        && let Some(receiver) = call.receiver
        && receiver.is_input(clean::PATH)
        && receiver.built
        && let Some(object) = call.object
    {
        walk.report(
            Class::Path,
            Confidence::Medium,
            object,
            "a request chooses the name of a file",
        );
    }
}

fn archive<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python => {
            let tar = call.name == "extractall"
                && call.receiver.is_some()
                && call.keyword("filter").is_none()
                && call.keyword("members").is_none();
            if !tar || call.args.len() > 2 {
                return;
            }
            let text = call
                .object
                .map_or("", |object| walk.text(object))
                .to_ascii_lowercase();
            // Python's zipfile takes `..` and roots out of names by itself.
            if super::super::names::has_word(&text, &["zip", "zf", "zipfile", "z"])
                || walk.has_text("zipfile") && !walk.has_text("tarfile")
                || !walk.has_text("tarfile")
            {
                return;
            }
            walk.report(
                Class::Archive,
                Confidence::Medium,
                call.node,
                "a tar archive is unpacked to wherever its entries say",
            );
        }
        Language::Go => {
            let header = |text: &str| {
                [
                    "hdr.Name",
                    "header.Name",
                    "th.Name",
                    "zipFile.Name",
                    "zf.Name",
                    "entry.Name",
                ]
                .iter()
                .any(|name| text.contains(name))
            };
            if call.is(&["filepath.Join", "path.Join"])
                && (walk.has_text("archive/tar") || walk.has_text("archive/zip"))
                && call
                    .args
                    .iter()
                    .skip(1)
                    .any(|arg| header(walk.text(arg.node)))
                && !walk.function_checks(call.node)
            {
                walk.report(
                    Class::Archive,
                    Confidence::Medium,
                    call.node,
                    "an entry of an archive says where it is written",
                );
            }
        }
        Language::Java => {
            let entry = call.is(&["File", "Paths.get"]) || call.name == "resolve";
            if entry
                && walk.has_text("ZipEntry")
                && call.args.iter().any(|arg| {
                    let text = walk.text(arg.node);
                    text.ends_with("ntry.getName()") || text == "ze.getName()"
                })
                && !walk.function_checks(call.node)
            {
                walk.report(
                    Class::Archive,
                    Confidence::Medium,
                    call.node,
                    "an entry of an archive says where it is written",
                );
            }
        }
        _ => {}
    }
}

fn temporary<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    if walk.language == Language::Python && call.is(&["tempfile.mktemp", "os.tempnam", "os.tmpnam"])
    {
        walk.report(
            Class::Temp,
            Confidence::High,
            call.node,
            format!(
                "`{}` names a file that somebody else can make first",
                call.path
            ),
        );
        return;
    }
    let writes = call.is(&[
        "open",
        "os.Create",
        "os.WriteFile",
        "ioutil.WriteFile",
        "fs.writeFileSync",
        "fs.writeFile",
        "File.create",
        "fs.write",
        "fs.createWriteStream",
        "FileWriter",
        "FileOutputStream",
    ]);
    if !writes {
        return;
    }
    let Some(arg) = call.at(0) else { return };
    let Some(text) = arg.value.text else { return };
    let temporary = (text.starts_with("/tmp/") || text.starts_with("/var/tmp/")) && text.len() > 6;
    let python_read = call.path == "open"
        && !call.arg(1, "mode").is_some_and(|mode| {
            mode.value
                .text
                .is_some_and(|text| text.contains(['w', 'a']))
        });
    if temporary && !python_read && !arg.value.built && arg.value.origin == Origin::Literal {
        walk.report(
            Class::Temp,
            Confidence::Medium,
            call.node,
            "a file with a fixed name is written in the shared temporary folder",
        );
    }
}

fn rights<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let at = if call.is(&[
        "os.chmod",
        "os.Chmod",
        "fs.chmod",
        "fs.chmodSync",
        "fs.promises.chmod",
    ]) {
        1
    } else if call.is(&[
        "os.umask",
        "syscall.Umask",
        "process.umask",
        "Permissions.from_mode",
    ]) || call.named(&["set_mode", "from_mode"])
    {
        0
    } else {
        if walk.language == Language::Java
            && call.named(&["setWritable", "setReadable"])
            && call.name == "setWritable"
            && call.at(0).is_some_and(|arg| walk.text(arg.node) == "true")
            && call.at(1).is_some_and(|arg| walk.text(arg.node) == "false")
        {
            walk.report(
                Class::Writable,
                Confidence::High,
                call.node,
                "a file is made writable for every user",
            );
        }
        return;
    };
    let Some(arg) = call.at(at) else { return };
    let Some(mode) = arg.value.number else { return };
    if call.named(&["umask", "Umask"]) {
        // `before = umask(0)` is the way to learn what it is.
        let alone = call
            .node
            .parent()
            .is_some_and(|parent| parent.kind() == "expression_statement");
        if mode == 0 && alone {
            walk.report(
                Class::Writable,
                Confidence::Medium,
                call.node,
                "the umask lets every user write what is made from here on",
            );
        }
        return;
    }
    // A sticky folder is made for everybody.
    let wide = mode & 0o002 != 0 && mode & 0o1000 == 0 && mode <= 0o7777;
    if wide {
        walk.report(
            Class::Writable,
            Confidence::High,
            call.node,
            format!("every user may write: mode {mode:o}"),
        );
    }
}
