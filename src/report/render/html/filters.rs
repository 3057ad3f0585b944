//! The verdicts as filters of the whole page, failed first. The style sheet filters, without a script.

use maud::{Markup, html};

use crate::report::model::run::{RunReport, Verdict};
use crate::report::render::html::format::class;

/// In the order in which they are shown.
pub(crate) const ORDER: [Verdict; 4] = [
    Verdict::Failed,
    Verdict::Inconclusive,
    Verdict::NotApplicable,
    Verdict::Passed,
];

pub(crate) fn of(report: &RunReport) -> Markup {
    let number = |verdict: Verdict| {
        let all = report.requirements.iter();
        all.filter(|it| it.verdict == verdict).count()
    };
    let all = report.requirements.len();
    let several = ORDER.into_iter().filter(|it| number(*it) > 0).count() > 1;
    html! {
        // Where all have one verdict, the headline says so.
        @if several {
            fieldset.filters {
                legend { "Show requirements" }
                label.chip {
                    input type="radio" name="show" id="show-all" value="all" checked;
                    "all " strong { (all) }
                }
                @for (verdict, number) in ORDER.map(|it| (it, number(it))) {
                    @if number > 0 {
                        label.chip.(class(verdict)) {
                            input type="radio" name="show" id={ "show-" (class(verdict)) } value=(class(verdict));
                            span aria-hidden="true" { (verdict.sign()) " " } (verdict.words()) " " strong { (number) }
                        }
                    }
                }
            }
        }
    }
}
