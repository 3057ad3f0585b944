//! Ids as people read them: over several wires each requirement once, with the wires that are meant.

use crate::protocol::{Component, Wire};

/// Ids of requirements, at most so many of them; those over the same wires together:
/// `GREETING-1, GREETING-2 · workflow, agent, team · http; CLOSE-1 · agent · http`.
pub(crate) fn text<'i, I: AsRef<str> + ?Sized + 'i>(
    ids: impl IntoIterator<Item = &'i I>,
    most: usize,
) -> String {
    let mut requirements: Vec<(&str, Vec<Wire>)> = Vec::new();
    for id in ids {
        let (id, wire) = Wire::part(id.as_ref());
        match requirements.iter_mut().find(|(known, _)| *known == id) {
            Some((_, wires)) => wires.extend(wire),
            None => requirements.push((id, wire.into_iter().collect())),
        }
    }
    let mut groups: Vec<(Vec<Wire>, Vec<&str>)> = Vec::new();
    for (id, wires) in requirements.iter().take(most) {
        match groups.iter_mut().find(|(known, _)| known == wires) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((wires.clone(), vec![id])),
        }
    }
    let groups = groups.iter().map(|(wires, ids)| match over(wires) {
        over if over.is_empty() => ids.join(", "),
        over => format!("{} · {over}", ids.join(", ")),
    });
    let mut text = groups.collect::<Vec<_>>().join("; ");
    if let Some(more @ 1..) = requirements.len().checked_sub(most) {
        text += &format!(" and {more} more");
    }
    text
}

/// `agent, team · http`, `all wires`; nothing for none.
fn over(wires: &[Wire]) -> String {
    let kinds = wires.iter().filter(|it| **it != Wire::WebSocket);
    let kinds: Vec<&str> = kinds.map(|it| it.component().word()).collect();
    let websocket = Wire::WebSocket.name();
    match (wires.contains(&Wire::WebSocket), kinds.as_slice()) {
        (false, []) => String::new(),
        (false, kinds) => format!("{} · http", kinds.join(", ")),
        (true, []) => websocket.to_owned(),
        (true, kinds) if kinds.len() == Component::ALL.len() => "all wires".to_owned(),
        (true, kinds) => format!("{websocket} and {} · http", kinds.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_over_the_same_wires_are_together() {
        assert_eq!(text(["A-1", "A-2", "B-1"], 9), "A-1, A-2, B-1");
        assert_eq!(text(["A-1", "A-2", "B-1"], 2), "A-1, A-2 and 1 more");
        let [websocket, workflows, agents, teams] = Wire::ALL;
        let over = |id: &str, wires: &[Wire]| wires.iter().map(|it| it.id(id)).collect::<Vec<_>>();
        let all = [
            over("A-1", &[agents, teams]),
            over("A-2", &Wire::ALL),
            over("A-3", &[agents, teams]),
            over("B-1", &[websocket]),
            over("B-2", &[websocket, workflows]),
        ];
        assert_eq!(
            text(all.iter().flatten(), 9),
            "A-1, A-3 · agent, team · http; A-2 · all wires; B-1 · workflow · websocket; \
             B-2 · workflow · websocket and workflow · http"
        );
    }
}
