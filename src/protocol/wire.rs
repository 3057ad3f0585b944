//! How viewers speak with a server, and about what: over its WebSocket about workflows, or over HTTP about
//! agents, teams or workflows. Where a run judges several of these, each id names its own:
//! `CATCHUP-3 · agent · http`.

use crate::protocol::Component;

/// What is between an id, the component and the wire.
const BETWEEN: &str = " · ";

/// How viewers speak with a server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wire {
    /// Over its WebSocket, which serves workflows.
    #[default]
    WebSocket,
    /// Over HTTP, about components of this kind.
    Http(Component),
}

impl Wire {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [
        Self::WebSocket,
        Self::Http(Component::Workflow),
        Self::Http(Component::Agent),
        Self::Http(Component::Team),
    ];

    /// What viewers run.
    #[must_use]
    pub fn component(self) -> Component {
        match self {
            Self::WebSocket => Component::Workflow,
            Self::Http(component) => component,
        }
    }

    /// `agent · http`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "workflow · websocket",
            Self::Http(Component::Workflow) => "workflow · http",
            Self::Http(Component::Agent) => "agent · http",
            Self::Http(Component::Team) => "team · http",
        }
    }

    /// What viewers run, and over what: `("agent", "http")`.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        let name = self.name();
        name.split_once(BETWEEN).unwrap_or((name, ""))
    }

    /// The one with this [`Wire::name`].
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// This id, judged over this wire: `CATCHUP-3 · agent · http`.
    #[must_use]
    pub fn id(self, id: &str) -> String {
        format!("{id}{BETWEEN}{}", self.name())
    }

    /// An id without the wire that it names, and that wire; none where it names none.
    #[must_use]
    pub fn part(id: &str) -> (&str, Option<Self>) {
        let names = Self::ALL.into_iter().find_map(|wire| {
            let rest = id.strip_suffix(wire.name())?;
            Some((rest.strip_suffix(BETWEEN)?, Some(wire)))
        });
        names.unwrap_or((id, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_wire_and_is_found_again() {
        for wire in Wire::ALL {
            assert_eq!(Wire::of(wire.name()), Some(wire));
            let id = wire.id("CATCHUP-3");
            assert_eq!(Wire::part(&id), ("CATCHUP-3", Some(wire)), "{id}");
        }
        for id in [
            "CATCHUP-3",
            "",
            "my own · one",
            "agent · http",
            "X·agent · http",
        ] {
            assert_eq!(Wire::part(id), (id, None));
        }
    }
}
