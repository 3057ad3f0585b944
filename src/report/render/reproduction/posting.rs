//! A viewer's requests over HTTP, each on a connection of its own, as acts.

use std::sync::Arc;

use crate::protocol::{Action, Form, InvalidRequest};
use crate::report::render::reproduction::act::Act;
use crate::report::render::reproduction::derive::{LONGEST_TEXT, Planner};
use crate::report::render::reproduction::unsupported::WhyNot;
use crate::transcript::Entry;

impl Planner<'_> {
    /// Notes a request, as it is written.
    ///
    /// # Errors
    ///
    /// [`WhyNot`] where a script cannot send it.
    pub(super) fn post(
        &mut self,
        entry: &Entry,
        text: &str,
        action: &Action,
    ) -> Result<(), WhyNot> {
        if text.len() > LONGEST_TEXT {
            return Err(WhyNot::LongText);
        }
        let viewer = &entry.viewer;
        self.actions.over_http = Form::component(text);
        let token = self.tokens.remove(viewer);
        // What came on the former connection.
        self.read(viewer);
        if !self.can_ask(action) {
            self.begin(entry);
            if let Some(watching) = self.connections.get_mut(viewer) {
                watching.deaf = true;
            }
            return Ok(());
        }
        self.asks(action)?;
        self.arrive(entry);
        let act = match Form::read(text) {
            Some(Form { path, fields }) => Act::Post {
                path,
                form: fields,
                token,
            },
            None if InvalidRequest::of(text).is_some() => Act::Invalid(text.to_owned()),
            None => return Err(WhyNot::NoRecord),
        };
        self.push(&Arc::clone(viewer), act);
        self.begin(entry);
        Ok(())
    }
}
