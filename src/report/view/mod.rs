//! What all renderings share: which failures have one cause, in which order things are shown, and the
//! sentences about a run. Computed once, from the model alone.
//!
//! - `cause`: failures grouped by cause
//! - `headline`: the verdict in one sentence, and what is inconclusive or not applicable, by reason
//! - `ids`: ids of requirements as people read them
//! - `scenario`: what outputs that know only scenarios and steps show of a scenario

pub(crate) mod cause;
pub(crate) mod headline;
pub(crate) mod ids;
pub(crate) mod scenario;

/// Those of the same key together, in the order of their first.
pub(crate) fn grouped<'i, T: ?Sized>(
    items: impl IntoIterator<Item = &'i T>,
    key: impl Fn(&'i T) -> &'i str,
) -> Vec<(&'i str, Vec<&'i T>)> {
    let mut groups: Vec<(&str, Vec<&T>)> = Vec::new();
    for item in items {
        let of = key(item);
        match groups.iter_mut().find(|(known, _)| *known == of) {
            Some((_, group)) => group.push(item),
            None => groups.push((of, vec![item])),
        }
    }
    groups
}
