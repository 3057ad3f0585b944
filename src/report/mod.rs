//! The run model and its renderings. Everything that people and machines read is rendered from one
//! [`model::run::Run`], so a new output cannot change what was measured.
//!
//! - [`model`]: what `report.json` holds, and the transcripts beside it
//! - [`verdict`]: from the judgements of scenarios to the verdicts of requirements and of the run
//! - [`text`]: text from a server, made safe to show
//! - [`terminal`]: what people see while and after it runs; the only place that prints
//! - [`html`]: what people open in a browser
//! - [`json`], [`junit`], [`cucumber_json`]: what machines read
//! - [`summary`], [`messages`]: a pull request's summary, and Cucumber Messages
//! - [`reproduction`]: a script and an issue text for each broken requirement
//! - [`known`]: known failures, and the list that names them
//! - [`repeated`]: many repetitions as one run; [`time_limits`]: how much of each time limit was used
//! - [`again`]: a stored run, judged again; [`compare`]: two runs beside each other
//! - [`shard`]: one of several runs that share the scenarios; [`merge`]: one run of them all
//! - [`matrix`]: requirements by releases, from several runs
//! - [`folder`]: all of it in one folder, and read again; `staging`: files that take their places
//!   together; [`ahead`]: transcripts that are written while the run goes on

pub mod combine;
pub mod model;
pub mod render;
pub mod store;
pub mod text;
pub mod verdict;
