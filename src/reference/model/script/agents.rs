//! The events of an agent's or a team's script, before they happen, as agno 3.1.10 names them.
//!
//! An agent says the words of all steps. A team lets the agent of each step say them, in a run of its own inside the
//! team's, and repeats the last one.

use serde_json::{Map, Value, json};

use crate::protocol::Component;
use crate::reference::model::event::Draft;
use crate::reference::model::script::fields::{GAVE_UP, GO_ON, RunIds, put};
use crate::reference::model::script::{Script, ScriptStep};
use crate::reference::model::status::Status;

/// How many events a workflow would have that is as long as the part `long`.
const LONG: usize = 84;

/// How many words the part `short` says: a workflow of fewer has as many events.
const WORDS: usize = 6;

/// The agents and teams that a server has where nothing else is asked for: one of each for the parts `long`,
/// `short`, `failing` and `pausing`.
pub(super) fn all() -> impl Iterator<Item = Script> {
    [Component::Agent, Component::Team]
        .into_iter()
        .flat_map(|component| {
            [
                Script::long_of(LONG),
                Script {
                    steps: vec![ScriptStep::new("Greeting", "Greeter", WORDS)],
                    ..Script::short()
                },
                Script::failing(),
                Script::pausing(),
            ]
            .into_iter()
            .zip(["long", "short", "failing", "pausing"])
            .map(move |(script, part)| Script {
                component,
                id: format!("{part}-{}", component.word()),
                ..script
            })
        })
}

/// Everything that happens in one run, in order. The last draft ends the run.
pub(super) fn drafts(script: &Script, ids: &RunIds<'_>) -> Vec<Draft> {
    let run = AgentRun { script, ids };
    let mut drafts = vec![run.own("Started", &[("model", json!("scripted"))])];
    let mut said = ids.said();
    drafts.push(run.content(&said));
    for (number, step) in script.steps.iter().enumerate() {
        let last = number + 1 == script.steps.len();
        if last && script.asks {
            drafts.extend(run.pause());
        }
        let words: Vec<String> = (1..=step.words)
            .map(|n| format!("{} says {n}. ", step.agent))
            .collect();
        match script.component {
            Component::Team => {
                drafts.extend(run.member(number, step, &words));
                if let Some(word) = words.last() {
                    drafts.push(run.content(word));
                }
            }
            _ => drafts.extend(words.iter().map(|word| run.content(word))),
        }
        said.extend(words);
        if last
            && !script.asks
            && let Some(word) = drafts.last_mut()
        {
            word.last_word = true;
        }
    }
    let (name, content, ends) = match script.fails {
        true => ("Error", GAVE_UP, Status::Failed),
        false => ("Completed", said.as_str(), Status::Completed),
    };
    let mut ending = run.own(name, &[("content", json!(content))]);
    ending.ends = Some(ends);
    drafts.push(ending);
    drafts
}

struct AgentRun<'a> {
    script: &'a Script,
    ids: &'a RunIds<'a>,
}

impl AgentRun<'_> {
    /// An event of the run itself.
    fn own(&self, name: &str, more: &[(&str, Value)]) -> Draft {
        let component = self.script.component;
        let (id, is_named) = (component.word(), json!(self.script.id));
        let mut fields = Map::new();
        put(
            &mut fields,
            &[
                ("event", json!(format!("{}{name}", component.prefix()))),
                ("run_id", json!(self.ids.run_id)),
                ("session_id", json!(self.ids.session_id)),
                (&format!("{id}_id"), is_named.clone()),
                (&format!("{id}_name"), is_named),
                ("nested_depth", json!(0)),
            ],
        );
        put(&mut fields, more);
        Draft::new(fields)
    }

    fn content(&self, text: &str) -> Draft {
        let fields = [("content", json!(text)), ("content_type", json!("str"))];
        self.own("Content", &fields)
    }

    /// The run asks a person whether a tool may be used. What follows `RunPaused` happens once it is continued.
    fn pause(&self) -> [Draft; 2] {
        let tool = json!({
            "tool_call_id": format!("{}-tool", self.ids.run_id), "tool_name": "publish",
            "tool_args": {}, "requires_confirmation": true, "confirmed": null,
            "confirmation_note": GO_ON,
        });
        let requirement = json!({
            "id": format!("{}-requirement", self.ids.run_id), "tool_execution": tool.clone(),
        });
        let asked = [
            ("status", json!(Status::Paused.word())),
            ("tools", json!([tool])),
            ("requirements", json!([requirement])),
        ];
        let mut paused = self.own("Paused", &asked);
        paused.ends = Some(Status::Paused);
        [paused, self.own("Continued", &[])]
    }

    /// All that happens in the run of a member: its events name that run, and the team's as their
    /// `parent_run_id`.
    fn member(&self, number: usize, step: &ScriptStep, words: &[String]) -> Vec<Draft> {
        let event = |name: &str, more: &[(&str, Value)]| {
            let mut fields = Map::new();
            put(
                &mut fields,
                &[
                    ("event", json!(format!("Run{name}"))),
                    (
                        "run_id",
                        json!(format!("{}-member-{number}", self.ids.run_id)),
                    ),
                    ("parent_run_id", json!(self.ids.run_id)),
                    ("session_id", json!(self.ids.session_id)),
                    ("agent_id", json!(step.agent.to_lowercase())),
                    ("agent_name", json!(step.agent)),
                    ("nested_depth", json!(1)),
                ],
            );
            put(&mut fields, more);
            Draft::new(fields)
        };
        let started = event("Started", &[("model", json!("scripted"))]);
        let said = words.iter().map(|word| {
            let fields = [("content", json!(word)), ("content_type", json!("str"))];
            event("Content", &fields)
        });
        let completed = event("Completed", &[("content", json!(words.concat()))]);
        [started]
            .into_iter()
            .chain(said)
            .chain([completed])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(script: &Script) -> Vec<String> {
        let ids = RunIds {
            run_id: "r",
            session_id: "s",
            message: &json!("hello"),
        };
        let drafts = drafts(script, &ids);
        let names = drafts.iter().filter_map(|it| it.fields["event"].as_str());
        names.map(str::to_owned).collect()
    }

    fn of(component: Component, part: &str) -> Script {
        let id = format!("{part}-{}", component.word());
        all().find(|it| it.id == id).expect("a script")
    }

    #[test]
    fn an_agent_says_its_words() {
        let words = vec!["RunContent"; 1 + WORDS];
        let all = [&["RunStarted"][..], &words, &["RunCompleted"]].concat();
        assert_eq!(names(&of(Component::Agent, "short")), all);
        let failing = names(&of(Component::Agent, "failing"));
        assert_eq!(failing.last().map(String::as_str), Some("RunError"));
    }

    #[test]
    fn the_members_of_a_team_run_inside_its_run() {
        let words = vec!["RunContent"; WORDS];
        let all = [
            &["TeamRunStarted", "TeamRunContent", "RunStarted"][..],
            &words,
            &["RunCompleted", "TeamRunContent", "TeamRunCompleted"],
        ];
        assert_eq!(names(&of(Component::Team, "short")), all.concat());
        let pausing = names(&of(Component::Team, "pausing"));
        let at = pausing.iter().position(|it| it == "TeamRunPaused");
        assert_eq!(pausing[at.expect("a pause") + 1], "TeamRunContinued");
    }
}
