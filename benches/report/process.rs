//! A process, and what it cost: time, processor, memory, open files. Read from Linux's `/proc` while it
//! runs, so that nothing has to be built into it.

use std::fs;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a process is looked at. What it takes in its last moments, after the latest look, is not
/// seen; processor time is the exception, which is read once it has ended.
const LOOK: Duration = Duration::from_millis(10);
/// Open files are counted one by one, so only at every so many looks.
const COUNT_EVERY: u32 = 10;

/// The unit of processor time in `/proc/PID/stat` (`USER_HZ`), the same on every usual machine.
const TICK: Duration = Duration::from_millis(10);

/// What a process cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// From its start to its end.
    pub wall: Duration,
    /// In user mode and in the kernel, all threads; `None` where the system does not say.
    pub cpu: Option<Duration>,
    /// The most memory that was resident (`VmHWM`), in KiB.
    pub peak: Option<u64>,
    /// The most open files that were counted.
    pub files: Option<usize>,
}

/// Runs it to its end, in silence, and measures the time alone.
pub fn time(command: &mut Command) -> io::Result<(ExitStatus, Duration)> {
    let began = Instant::now();
    let status = silent(command).status()?;
    Ok((status, began.elapsed()))
}

/// Runs it to its end, in silence. `beside` is looked at as well, while it runs.
pub fn run(command: &mut Command, beside: Option<&mut Watch>) -> io::Result<(ExitStatus, Cost)> {
    let began = Instant::now();
    let mut child = silent(command).spawn()?;
    let mut watch = Watch::new(&child);
    let mut beside = beside;
    while watch.look() {
        if let Some(other) = &mut beside {
            other.look();
        }
        thread::sleep(LOOK);
    }
    let status = child.wait()?;
    watch.cost.wall = began.elapsed();
    Ok((status, watch.cost))
}

fn silent(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
}

/// Looks at a process from time to time.
pub struct Watch {
    pid: u32,
    looks: u32,
    /// What was seen so far.
    pub cost: Cost,
}

impl Watch {
    /// Has not looked yet.
    pub fn new(child: &Child) -> Self {
        Self {
            pid: child.id(),
            looks: 0,
            cost: Cost::default(),
        }
    }

    /// Reads what is known by now; `false` once the process has ended, or where nothing can be known.
    pub fn look(&mut self) -> bool {
        let Some(stat) = stat(self.pid) else {
            return false;
        };
        self.cost.cpu = cpu(&stat).or(self.cost.cpu);
        if stat.first().is_none_or(|state| state == "Z") {
            return false;
        }
        self.cost.peak = self.cost.peak.max(peak(self.pid));
        if self.looks.is_multiple_of(COUNT_EVERY) {
            let files = fs::read_dir(format!("/proc/{}/fd", self.pid));
            self.cost.files = self.cost.files.max(files.ok().map(Iterator::count));
        }
        self.looks += 1;
        true
    }
}

/// The fields of `/proc/PID/stat` from the third on.
fn stat(pid: u32) -> Option<Vec<String>> {
    let all = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = all.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

/// User and system time.
fn cpu(stat: &[String]) -> Option<Duration> {
    let ticks = |at: usize| stat.get(at)?.parse::<u32>().ok();
    Some(TICK * (ticks(11)? + ticks(12)?))
}

fn peak(pid: u32) -> Option<u64> {
    let all = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = all.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
