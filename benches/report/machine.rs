//! What the numbers were measured on.

use std::fs;
use std::process::Command;

/// The machine, the compiler and the suite; `None` where the machine does not say.
pub struct Machine {
    began: String,
    load: Option<String>,
}

impl Machine {
    /// Takes note of the time and of the load before anything is measured.
    pub fn now() -> Self {
        Self {
            began: jiff::Timestamp::now().strftime("%F %R UTC").to_string(),
            load: load(),
        }
    }

    /// A table of it; with the load at the beginning and the end.
    pub fn table(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let model = field("/proc/cpuinfo", "model name");
        let open = fs::read_to_string("/proc/self/limits")
            .ok()
            .and_then(|all| {
                let line = all
                    .lines()
                    .find(|line| line.starts_with("Max open files"))?;
                let mut words = line.split_whitespace().skip(3);
                Some(format!("{}, at most {}", words.next()?, words.next()?))
            });
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        let load_now = load();
        let loads = self.load.as_deref().zip(load_now.as_deref());
        let rows = [
            ("when", Some(self.began.clone())),
            (
                "processor",
                model.map(|it| format!("{cores} cores of {it}")),
            ),
            ("memory", field("/proc/meminfo", "MemTotal")),
            ("kernel", kernel.map(|it| it.trim().to_owned())),
            ("open files (`ulimit -n`)", open),
            ("rustc", said("rustc", &["--version"])),
            (
                "suite",
                Some(match said("git", &["rev-parse", "--short", "HEAD"]) {
                    Some(commit) => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
                    None => env!("CARGO_PKG_VERSION").to_owned(),
                }),
            ),
            (
                "load of the machine, last minute",
                loads.map(|(before, after)| format!("{before} before, {after} after")),
            ),
        ];
        let mut table = String::from("| | |\n|---|---|\n");
        for (name, value) in rows {
            let value = value.unwrap_or_else(|| "not known".to_owned());
            table.push_str(&format!("| {name} | {value} |\n"));
        }
        table
    }
}

fn load() -> Option<String> {
    let all = fs::read_to_string("/proc/loadavg").ok()?;
    all.split_whitespace().next().map(str::to_owned)
}

fn field(file: &str, name: &str) -> Option<String> {
    let all = fs::read_to_string(file).ok()?;
    let line = all.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
