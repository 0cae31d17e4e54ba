//! Owns the machine that runs qgate: processor, memory, system, container, CI runner, tools, and how busy it is. What cannot be
//! read is left out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::ascii;
use crate::check::machine::{Machine, Snapshot, State};
use crate::check::ports::{Programs as _, Request};

use super::programs::Programs;

/// A file of the kernel's is not longer than this.
const LONGEST: usize = 1 << 20;

/// How a tool tells its version.
const TOOLS: &[(&str, &[&str])] = &[
    ("cargo", &["cargo", "--version"]),
    ("go", &["go", "version"]),
    ("java", &["java", "-version"]),
    ("node", &["node", "--version"]),
    ("psql", &["psql", "--version"]),
    ("python", &["python3", "--version"]),
    ("rustc", &["rustc", "--version"]),
];

/// The tools whose versions can be asked.
pub fn tools() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// The machine that runs qgate.
#[derive(Clone, Debug)]
pub struct System {
    programs: Programs,
}

impl System {
    /// This machine; tools are asked for their versions as `programs` runs them.
    #[must_use]
    pub const fn new(programs: Programs) -> Self {
        Self { programs }
    }

    fn version(&self, tool: &str) -> Option<String> {
        let (_, argv) = TOOLS.iter().find(|(name, _)| *name == tool)?;
        let finished = self.programs.run(&Request {
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            folder: None,
            variables: BTreeMap::new(),
            timeout: Duration::from_secs(10),
            log: format!("version-{tool}.log"),
            keep: 4_096,
        });
        let finished = finished.ok().filter(|finished| finished.code == Some(0))?;
        // Java tells it on the standard error.
        let said = [finished.stdout, finished.stderr];
        let lines = said.iter().find_map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            text.lines().next().map(str::to_owned)
        });
        lines.filter(|line| !line.trim().is_empty())
    }
}

/// Facts on their way into a snapshot.
#[derive(Default)]
struct Facts(BTreeMap<String, String>);

impl Facts {
    fn put(&mut self, name: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            let value: String = ascii::escape(value.into().trim())
                .chars()
                .take(200)
                .collect();
            if !value.is_empty() {
                self.0.insert(name.to_owned(), value);
            }
        }
    }
}

impl Machine for System {
    fn snapshot(&self, tools: &[&str]) -> Snapshot {
        let mut class = Facts::default();
        let processors = processors();
        class.put("cpu", cpu());
        class.put("processors", Some(processors.to_string()));
        class.put("quota", quota());
        class.put("memory", memory());
        class.put("architecture", Some(std::env::consts::ARCH));
        class.put("system", Some(std::env::consts::OS));
        class.put(
            "kernel",
            sysinfo::System::kernel_version()
                .ok()
                .map(|v| major_minor(&v)),
        );
        class.put("virtualization", virtualization());
        for tool in tools {
            class.put(tool, self.version(tool));
        }
        let mut more = Facts::default();
        more.put("distribution", sysinfo::System::long_os_version().ok());
        more.put("kernel", sysinfo::System::kernel_version().ok());
        more.put("host", sysinfo::System::host_name().ok());
        more.put(
            "governor",
            line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        );
        more.put("turbo", turbo());
        more.put(
            "clock",
            line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        );
        more.put("container", container());
        more.put("runner", runner());
        more.put("locale", ["LC_ALL", "LANG"].into_iter().find_map(variable));
        more.put("qgate", Some(env!("CARGO_PKG_VERSION")));
        Snapshot {
            class: class.0,
            more: more.0,
            state: self.state(),
        }
    }

    fn state(&self) -> State {
        let load = line("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok());
        let ticks = text("/proc/stat").and_then(|text| ticks(&text));
        State {
            processors: processors(),
            load,
            pressure: line("/proc/pressure/cpu").and_then(|text| pressure(&text)),
            steal: ticks.map(|ticks| (ticks.stolen, ticks.all)),
            busy: ticks.map(|ticks| ticks.busy),
        }
    }
}

/// A small file's content.
fn text(path: &str) -> Option<String> {
    use std::io::Read as _;
    let mut content = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(LONGEST as u64).read_to_end(&mut content).ok()?;
    Some(String::from_utf8_lossy(&content).into_owned())
}

/// A small file's first line.
fn line(path: &str) -> Option<String> {
    text(path)?.lines().next().map(str::to_owned)
}

fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    Some(value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

fn processors() -> u32 {
    let available = std::thread::available_parallelism();
    available.map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

fn cpu() -> Option<String> {
    if let Some(model) = text("/proc/cpuinfo").and_then(|text| model(&text)) {
        return Some(model);
    }
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_cpu_all();
    let brand = system.cpus().first()?.brand().trim().to_owned();
    (!brand.is_empty()).then_some(brand)
}

/// The processor's name; where it has none, as on ARM, its numbers.
fn model(cpuinfo: &str) -> Option<String> {
    let value = |key: &str| {
        let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(name, _)| name.trim() == key)?;
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    value("model name").or_else(|| {
        let (maker, part) = (value("CPU implementer")?, value("CPU part")?);
        Some(format!("implementer {maker} part {part}"))
    })
}

fn memory() -> Option<String> {
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory();
    let bytes = system.total_memory();
    let gib = (bytes + (1 << 29)) >> 30;
    (bytes > 0).then(|| format!("{gib} GiB"))
}

/// How many processors the container may use, of version 2 or 1 of control groups; `None` where there is no limit.
fn quota() -> Option<String> {
    let two = line("/sys/fs/cgroup/cpu.max").and_then(|line| {
        let (quota, period) = line.split_once(' ')?;
        Some((quota.to_owned(), period.to_owned()))
    });
    let one = || {
        let folder = "/sys/fs/cgroup/cpu/cpu.cfs_";
        Some((
            line(&format!("{folder}quota_us"))?,
            line(&format!("{folder}period_us"))?,
        ))
    };
    let (quota, period) = two.or_else(one)?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| format!("{:.2} processors", quota / period))
}

/// `6.1` of `6.1.0-18-amd64`.
fn major_minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

fn virtualization() -> Option<String> {
    let product = ["sys_vendor", "product_name"]
        .map(|name| line(&format!("/sys/class/dmi/id/{name}")).unwrap_or_default());
    let product = product.join(" ");
    let guest = text("/proc/cpuinfo").is_some_and(|text| {
        let mut flags = text.lines().filter(|line| line.starts_with("flags"));
        flags
            .next()
            .is_some_and(|line| line.split(' ').any(|flag| flag == "hypervisor"))
    });
    if line("/proc/sys/kernel/osrelease").is_some_and(|line| line.contains("microsoft")) {
        return Some("wsl".to_owned());
    }
    match (guest, product.trim()) {
        (true, "") => Some("virtual machine".to_owned()),
        (true, product) => Some(format!("virtual machine, {product}")),
        (false, _) => cfg!(target_os = "linux").then(|| "none".to_owned()),
    }
}

fn turbo() -> Option<&'static str> {
    let boost = line("/sys/devices/system/cpu/cpufreq/boost").map(|text| text == "1");
    let intel = || line("/sys/devices/system/cpu/intel_pstate/no_turbo").map(|text| text == "0");
    boost.or_else(intel).map(|on| if on { "on" } else { "off" })
}

fn container() -> Option<String> {
    if let Some(named) = variable("container") {
        return Some(named);
    }
    let there = |path: &str| std::path::Path::new(path).exists();
    if there("/.dockerenv") {
        return Some("docker".to_owned());
    }
    if there("/run/.containerenv") {
        return Some("podman".to_owned());
    }
    variable("KUBERNETES_SERVICE_HOST").map(|_| "kubernetes".to_owned())
}

/// The CI runner, by the variables that it sets. None of them is secret.
fn runner() -> Option<String> {
    for (mark, names) in [
        (
            "GITHUB_ACTIONS",
            &["RUNNER_ENVIRONMENT", "ImageOS", "ImageVersion"][..],
        ),
        (
            "GITLAB_CI",
            &["CI_RUNNER_DESCRIPTION", "CI_RUNNER_EXECUTABLE_ARCH"],
        ),
        ("TF_BUILD", &["Agent.Name", "AGENT_NAME", "ImageVersion"]),
        ("JENKINS_URL", &["NODE_NAME"]),
        ("CI", &[]),
    ] {
        if variable(mark).is_some() {
            let known = names.iter().filter_map(|name| variable(name));
            let all: Vec<String> = std::iter::once(mark.to_lowercase()).chain(known).collect();
            return Some(all.join(" "));
        }
    }
    None
}

/// `avg10` of the line `some`.
fn pressure(line: &str) -> Option<f64> {
    let words = line.strip_prefix("some ")?;
    let mut words = words
        .split(' ')
        .filter_map(|word| word.strip_prefix("avg10="));
    words.next()?.parse().ok()
}

/// Processor time since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    stolen: u64,
    busy: u64,
    all: u64,
}

/// The first line: user, nice, system, idle, waiting, two kinds of interrupts, stolen. Guests' time is in the user's.
fn ticks(stat: &str) -> Option<Ticks> {
    let words = stat.lines().next()?.strip_prefix("cpu ")?;
    let words = words.split_whitespace().take(8);
    let ticks: Option<Vec<u64>> = words.map(|word| word.parse().ok()).collect();
    let [user, nice, system, idle, waiting, hard, soft, stolen] = ticks?[..] else {
        return None;
    };
    let sum = |all: &[u64]| all.iter().fold(0u64, |sum, n| sum.saturating_add(*n));
    let busy = sum(&[user, nice, system, hard, soft]);
    Some(Ticks {
        stolen,
        busy,
        all: sum(&[busy, idle, waiting, stolen]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::interrupt::Cancel;

    #[test]
    fn the_kernels_files() {
        assert_eq!(
            pressure("some avg10=1.25 avg60=0.00 avg300=0.00 total=1"),
            Some(1.25)
        );
        assert_eq!(pressure("full avg10=1.25"), None);
        let known = Ticks {
            stolen: 8,
            busy: 19,
            all: 36,
        };
        assert_eq!(ticks("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1\n"), Some(known));
        assert_eq!(ticks("cpu  1 2 3\n"), None);
        assert_eq!(ticks("intr 1\n"), None);
        assert_eq!(
            model("processor : 0\nmodel name\t: Some  CPU @ 2GHz\n").as_deref(),
            Some("Some CPU @ 2GHz")
        );
        assert_eq!(
            model("CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n").as_deref(),
            Some("implementer 0x41 part 0xd0c")
        );
        assert_eq!(model("nothing"), None);
        assert_eq!(major_minor("6.1.0-18-amd64"), "6.1");
    }

    #[test]
    fn this_machine() {
        let programs = Programs::new(std::env::temp_dir(), None, Cancel::new());
        let machine = System::new(programs);
        let snapshot = machine.snapshot(&[]);
        assert_eq!(snapshot.class["architecture"], std::env::consts::ARCH);
        assert!(snapshot.class.contains_key("processors"));
        assert!(snapshot.more.contains_key("qgate"));
        assert!(snapshot.state.processors > 0);
        assert_eq!(snapshot.class_id(), machine.snapshot(&[]).class_id());
    }
}
