//! The named faults: every way in which the server can be made to misbehave.
//!
//! A fault is one small, visible deviation. [`Fault::breaks`] and [`Fault::over_http`] name the
//! requirements that it must break; a matrix of all faults and all checks tests that it breaks them and no others. Where a fault
//! strikes is in its row of the table as a [`mutation`] of what is
//! sent, or else in [`hooks`].

pub mod hooks;
pub mod mutation;
mod table;

use std::fmt;
use std::str::FromStr;

pub use table::{Fault, OverHttp, TABLE};

/// How alike a name must be to be suggested: 0 for nothing in common, 1 for the same
/// (Jaro-Winkler).
const ALIKE: f64 = 0.75;

/// How many names are suggested at most.
const SUGGESTED: usize = 3;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    /// Looks a fault up by its [name](Fault::name).
    ///
    /// # Errors
    ///
    /// [`UnknownFault`] where no fault has exactly this name.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault {
                name: name.into(),
                nearest: nearest(name),
            })
    }
}

fn nearest(name: &str) -> Vec<&'static str> {
    let mut alike: Vec<(f64, &'static str)> = Fault::ALL
        .iter()
        .map(|fault| (strsim::jaro_winkler(name, fault.name()), fault.name()))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    alike.truncate(SUGGESTED);
    alike.into_iter().map(|(_, name)| name).collect()
}

/// A name that no fault has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no fault is named `{name}`{}", suggestion(.nearest))]
pub struct UnknownFault {
    /// The name that was asked for.
    pub name: String,
    /// The most similar names, the best first; may be empty.
    pub nearest: Vec<&'static str>,
}

fn suggestion(nearest: &[&str]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; the nearest: {}", nearest.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(*fault));
        }
    }

    #[test]
    fn names_are_kebab_case_of_their_own() {
        let names: HashSet<&str> = Fault::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            // `CatchUpDrop` and `catch-up-drop` are one word in two spellings.
            let spelt: String = fault.name().split('-').collect();
            assert_eq!(spelt, format!("{fault:?}").to_lowercase());
        }
    }

    #[test]
    fn every_fault_has_a_sentence_and_breaks_something() {
        for fault in Fault::ALL {
            let sentence = fault.sentence();
            assert!(
                sentence.ends_with('.') && !sentence.contains('\n'),
                "{sentence}"
            );
            let over_http = match fault.over_http() {
                OverHttp::These(ids) => ids,
                OverHttp::Same | OverHttp::Nothing(_) => &[],
            };
            assert!(fault.breaks().len() + over_http.len() > 0, "{fault}");
            for all in [fault.breaks(), over_http] {
                let ids: HashSet<_> = all.iter().collect();
                assert_eq!(ids.len(), all.len(), "{fault}");
            }
        }
    }

    #[test]
    fn a_misspelt_name_is_answered_by_the_nearest() {
        let error = "catchup-drop".parse::<Fault>().expect_err("misspelt");
        assert_eq!(error.nearest[0], "catch-up-drop");
        assert!(error.to_string().contains("the nearest: catch-up-drop"));
        let error = "zzz".parse::<Fault>().expect_err("nonsense");
        assert_eq!(error.to_string(), "no fault is named `zzz`");
    }
}
