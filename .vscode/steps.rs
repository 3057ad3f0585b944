// An index of the steps, for the Cucumber extension of VS Code: it finds attributes like these, and no macros.
// The steps themselves are in the tables of the files that are named here. Nothing compiles this file;
// `UPDATE_EXPECTED=1 cargo test --test records editor` writes it.

#[param(name = "viewer", regex = "[A-Z][a-z]+")]
struct Parameter;

#[param(name = "part", regex = "long|short|failing|pausing|endless|talkative|quiet|nested")]
struct Parameter;

#[param(name = "payload", regex = "line breaks|text that looks like protocol framing|quotes and backslashes|control characters|emoji and accents|unusual separators|a null character|text that looks like JSON|a bare number|a megabyte of text|a very long text")]
struct Parameter;

#[param(name = "position", regex = "with their position|without a position|with the position left out|with event \\d+ as their position")]
struct Parameter;

#[param(name = "invalid_position", regex = "with a position far beyond the last event|with an enormous position|with a position just beyond the last event|with a negative number as their position|with a fraction as their position|with a word as their position|with a number as text as their position|with a boolean as their position|with a list as their position")]
struct Parameter;

#[param(name = "invalid_message", regex = "text that is not JSON|a list instead of an object|a number instead of an object|an object without an action|an unknown action|a binary message")]
struct Parameter;

#[param(name = "disconnect", regex = "with a closing handshake|by a reset|silently, with the connection left open|in the middle of a message|with events unread|in the middle of catching up")]
struct Parameter;

#[param(name = "event_count", regex = "a hundred|more than a thousand")]
struct Parameter;

#[param(name = "target_variant", regex = "the server itself|a server that asks for a token|a server that knows its users|a server that keeps users apart|two replicas of one server|a server whose tokens expire|a server that gives permissions for single workflows")]
struct Parameter;

#[param(name = "bad_token", regex = "with no token|with an empty token|with a wrong token|with a token that differs in one letter|with half a token|with an expired token|with a token that is not valid yet|with a token for another audience|with a token signed by another key|with a token that needs no signature")]
struct Parameter;

#[param(name = "breaks", regex = "is reset|ends in the middle of a message|is closed with a server error|is closed normally|is closed because the server goes away|is closed because the server restarts|goes dead")]
struct Parameter;

#[param(name = "unreadable", regex = "a text that is cut off|a binary message")]
struct Parameter;

#[param(name = "turned_away", regex = "answered with an error|closed at once")]
struct Parameter;

#[param(name = "answered", regex = "answered from the beginning of the run|cut short after three missed events|answered without the second missed event|met by silence")]
struct Parameter;

// src/suite/steps/authenticating.rs

#[given(expr = "{target_variant}")]
fn step() {}

#[given(expr = "{viewer} has connected without a token")]
fn step() {}

#[when(expr = "{viewer} pings without a token")]
fn step() {}

#[when(expr = "{viewer} starts a(n) {part} run without a token")]
fn step() {}

#[when(expr = "{viewer} asks without a token for a run that does not exist")]
fn step() {}

#[when(expr = "{viewer} lets a run continue without a token")]
fn step() {}

#[when(expr = "{viewer} lets the run continue, on a new connection without a token")]
fn step() {}

#[given(expr = "{viewer} was refused {bad_token}")]
fn step() {}

#[then(expr = "{viewer} is asked for a token, and nothing else happens")]
fn step() {}

#[when(expr = "{viewer} authenticates {bad_token}")]
fn step() {}

#[then(expr = "the token is refused, and {viewer} stays unauthenticated")]
fn step() {}

#[when(expr = "{viewer} returns with their position and without a token")]
fn step() {}

#[then(expr = "{viewer} is asked for a token again, and gets nothing else")]
fn step() {}

#[given(expr = "{viewer} was refused the list of workflows because they had no token")]
fn step() {}

#[then(expr = "{viewer} is asked for a token on this connection, too")]
fn step() {}

#[given(expr = "{viewer} has connected with a token that has expired since")]
fn step() {}

#[when(expr = "{viewer} starts a(n) {part} run with the expired token")]
fn step() {}

#[when(expr = "{viewer} asks with the expired token for a run that does not exist")]
fn step() {}

#[given(expr = "{viewer} has every permission, and {viewer} that for short runs alone")]
fn step() {}

#[given(expr = "{viewer} was refused a {part} run")]
fn step() {}

#[given(expr = "{viewer} and {viewer} are different users")]
fn step() {}

#[given(expr = "{viewer} was refused runs that do not exist")]
fn step() {}

#[when(expr = "{viewer} asks for the run, too")]
fn step() {}

#[then(expr = "{viewer} gets the same refusal as for a run that does not exist")]
fn step() {}

// src/suite/steps/cancelling.rs

#[when(expr = "{viewer} cancels the run")]
fn step() {}

#[when(expr = "{viewer} cancels the run twice")]
fn step() {}

#[given(expr = "{viewer} lost the connection, and {viewer} cancelled the run meanwhile")]
fn step() {}

#[given(expr = "{viewer} has cancelled the run")]
fn step() {}

#[then(expr = "everybody who watches is told that it was cancelled, and nothing follows")]
fn step() {}

#[then(expr = "{viewer} is shown the run as cancelled")]
fn step() {}

// src/suite/steps/connecting.rs

#[given(expr = "{viewer} has connected")]
fn step() {}

#[when(expr = "{viewer} connects")]
fn step() {}

#[then(expr = "{viewer} is greeted first, and told whether a token is required")]
fn step() {}

#[when(expr = "{viewer} pings")]
fn step() {}

#[then(expr = "a pong comes back")]
fn step() {}

// src/suite/steps/content.rs

#[given(expr = "{viewer} has watched a run that repeats {payload} for {int} event(s)")]
fn step() {}

#[given(expr = "{viewer} has watched a run that repeats {payload} to its end")]
fn step() {}

#[when(expr = "{viewer} watches a run that repeats {payload} to its end")]
fn step() {}

#[then(expr = "the text arrives unchanged")]
fn step() {}

#[then(expr = "{viewer} gets the whole text")]
fn step() {}

#[then(expr = "every message is strict JSON")]
fn step() {}

#[then(expr = "every event is the same event in every delivery")]
fn step() {}

#[then(expr = "nothing that an event said is missing later")]
fn step() {}

#[then(expr = "every event has the same payload in every delivery")]
fn step() {}

// src/suite/steps/disconnect.rs

#[given(expr = "{viewer} has left")]
fn step() {}

#[given(expr = "{viewer} left while the run went on")]
fn step() {}

#[given(expr = "{viewer} lost the connection while the run went on")]
fn step() {}

#[given(expr = "{viewer} lost the connection while the run was stopped")]
fn step() {}

#[given(expr = "{viewer} has started a(n) {part} run and left at once")]
fn step() {}

#[when(expr = "{viewer} leaves")]
fn step() {}

#[then(expr = "the server completes the closing handshake")]
fn step() {}

// src/suite/steps/flapping.rs

#[given(expr = "{viewer} has disconnected and returned until the run ended")]
fn step() {}

#[then(expr = "the connections of {viewer}, put together, show the run that {viewer} sees")]
fn step() {}

#[when(expr = "viewers of such runs disconnect {disconnect}, each after a different event, and return")]
fn step() {}

#[then(expr = "each viewer has seen a whole run")]
fn step() {}

// src/suite/steps/http.rs

#[given(expr = "{viewer} has started a(n) {part} run over HTTP")]
fn step() {}

#[given(expr = "{viewer} has started a(n) {part} run over HTTP, and left")]
fn step() {}

#[then(expr = "{viewer} watches the run live")]
fn step() {}

// src/suite/steps/judged_client.rs

#[given(expr = "{viewer} is catching up on a long run")]
fn step() {}

#[given(expr = "{viewer} is watching a long run, and something new has happened in it")]
fn step() {}

#[given(expr = "{viewer} is watching a long run, and {unreadable} has come")]
fn step() {}

#[given(expr = "{viewer} is watching a long run where a token is needed")]
fn step() {}

#[given(expr = "{viewer} is watching the beginning of a {part} run")]
fn step() {}

#[when(expr = "the connection is reset, and the token is refused from then on")]
fn step() {}

#[when(expr = "the connection is reset, and the next tries are {turned_away}")]
fn step() {}

#[when(expr = "the connection is reset, and the server is away for a while")]
fn step() {}

#[when(expr = "the connection is reset, and the server cannot be reached for a while")]
fn step() {}

#[when(expr = "the connection is reset, and the return is refused")]
fn step() {}

#[when(expr = "the connection is lost {int} times, and the last return is refused")]
fn step() {}

#[when(expr = "the connection is reset, and the return is met by silence")]
fn step() {}

#[when(expr = "the connection is reset, and one of the missed events does not come")]
fn step() {}

#[when(expr = "the run goes on to its end")]
fn step() {}

#[when(expr = "the connection is reset, and the run ends before {viewer} is back")]
fn step() {}

#[when(expr = "the connection is reset, and all events of the ended run come again")]
fn step() {}

#[when(expr = "the run is cancelled while {viewer} watches")]
fn step() {}

#[when(expr = "the run pauses while {viewer} watches")]
fn step() {}

#[when(expr = "the connection is lost {int} times, and the run goes on to its end")]
fn step() {}

#[when(expr = "an event of another run comes")]
fn step() {}

#[when(expr = "two events come in the wrong order")]
fn step() {}

#[when(expr = "the connection {breaks}")]
fn step() {}

#[when(expr = "the connection is lost {int} times")]
fn step() {}

#[when(expr = "the connection is reset in the middle of the missed events")]
fn step() {}

#[when(expr = "the stream ends in the middle of the missed events")]
fn step() {}

#[when(expr = "the stream ends before the run does")]
fn step() {}

#[when(expr = "the connection is closed after the ending")]
fn step() {}

#[then(expr = "{viewer} comes back without help")]
fn step() {}

#[then(expr = "{viewer} comes back, as the run has not ended")]
fn step() {}

#[then(expr = "{viewer} starts no second run")]
fn step() {}

#[then(expr = "{viewer} does not come back")]
fn step() {}

#[then(expr = "{viewer} names the workflow's run")]
fn step() {}

#[then(expr = "{viewer} names the workflow and the session as well")]
fn step() {}

#[then(expr = "{viewer}'s position is not beyond the last event that was delivered")]
fn step() {}

#[then(expr = "{viewer}'s position is the last event that reached them")]
fn step() {}

#[then(expr = "{viewer}'s position is further each time")]
fn step() {}

#[then(expr = "{viewer}'s position is the last missed event that came")]
fn step() {}

#[then(expr = "{viewer}'s position is a whole number")]
fn step() {}

#[then(expr = "{viewer}'s positions show that the events of each connection were understood")]
fn step() {}

#[then(expr = "{viewer}'s positions count events alone")]
fn step() {}

#[then(expr = "{viewer}'s position counts what is new")]
fn step() {}

#[then(expr = "{viewer} goes on")]
fn step() {}

#[then(expr = "{viewer} notices it and comes back")]
fn step() {}

#[then(expr = "{viewer} leaves the dead line")]
fn step() {}

#[then(expr = "{viewer} shows the token first on each connection")]
fn step() {}

#[then(expr = "{viewer} does not show the refused token again and again")]
fn step() {}

#[then(expr = "{viewer}'s token is not part of the address")]
fn step() {}

#[then(expr = "{viewer} never tries more than five times in a second")]
fn step() {}

#[then(expr = "the pauses between {viewer}'s tries grow")]
fn step() {}

#[then(expr = "{viewer} comes back after the outage")]
fn step() {}

#[then(expr = "{viewer} asks only a few times, and tells their user")]
fn step() {}

#[then(expr = "{viewer} gives up, or asks again")]
fn step() {}

#[then(expr = "{viewer} asks for the missing event, or shows that it is missing")]
fn step() {}

#[then(expr = "{viewer} knows that the run has ended")]
fn step() {}

#[then(expr = "for {viewer} the run is over")]
fn step() {}

#[then(expr = "{viewer} shows the run as cancelled")]
fn step() {}

#[then(expr = "{viewer} shows the run as waiting")]
fn step() {}

#[then(expr = "{viewer} shows no event twice")]
fn step() {}

#[then(expr = "{viewer} shows the events in their order")]
fn step() {}

#[then(expr = "{viewer} has shown everything that happened")]
fn step() {}

#[then(expr = "{viewer} shows only the events of the watched run")]
fn step() {}

#[then(expr = "{viewer} does not say that the run is live")]
fn step() {}

// src/suite/steps/malformed.rs

#[when(expr = "{viewer} sends {invalid_message}")]
fn step() {}

#[then(expr = "{viewer} is refused, or the server closes the connection")]
fn step() {}

#[then(expr = "{viewer} watches the run to its end, undisturbed")]
fn step() {}

// src/suite/steps/many_viewers.rs

#[given(expr = "many others have joined the run")]
fn step() {}

#[given(expr = "the others lost the connection while the run went on")]
fn step() {}

#[when(expr = "the others return all at once")]
fn step() {}

#[then(expr = "each of them gets exactly what they missed")]
fn step() {}

#[when(expr = "many viewers watch long runs, are cut off and return together, three times")]
fn step() {}

#[then(expr = "every viewer gets exactly what they missed")]
fn step() {}

#[then(expr = "everybody gets all later events, or is told why not")]
fn step() {}

#[when(expr = "{viewer} watches a(n) {part} run to its end meanwhile")]
fn step() {}

#[then(expr = "nobody gets an event of a run that is not theirs")]
fn step() {}

#[then(expr = "{viewer} watches on to the end as if nothing had happened")]
fn step() {}

#[when(expr = "{viewer} asks for the run again {position}, on the same connection")]
fn step() {}

#[then(expr = "no later event comes to {viewer} twice")]
fn step() {}

#[given(expr = "{viewer} has watched on for {int} event(s)")]
fn step() {}

#[then(expr = "the run has gone on without {viewer}")]
fn step() {}

// src/suite/steps/other_wire.rs

#[when(expr = "{viewer} returns over the other wire {position}")]
fn step() {}

#[given(expr = "{viewer} has returned over the other wire {position}")]
fn step() {}

#[then(expr = "everybody watches the same run to its end")]
fn step() {}

#[then(expr = "the replay shows the same run")]
fn step() {}

#[then(expr = "{viewer} is told the same status everywhere")]
fn step() {}

// src/suite/steps/owner.rs

#[when(expr = "{viewer} returns and names another session")]
fn step() {}

#[when(expr = "{viewer} returns and names another workflow")]
fn step() {}

#[when(expr = "{viewer} returns {position} and names another session")]
fn step() {}

#[when(expr = "{viewer} returns {position} and names another workflow")]
fn step() {}

#[then(expr = "{viewer} is not shown the run")]
fn step() {}

#[when(expr = "{viewer} asks for the run, too, {position}")]
fn step() {}

#[when(expr = "{viewer} tries to cancel the run")]
fn step() {}

#[when(expr = "{viewer} tries to let the run continue")]
fn step() {}

#[then(expr = "the run stays as it is, since it is not {viewer}'s")]
fn step() {}

#[then(expr = "the run comes to its own end, since it is not {viewer}'s")]
fn step() {}

// src/suite/steps/pausing.rs

#[given(expr = "{viewer} has watched a(n) {part} run until it paused")]
fn step() {}

#[given(expr = "{viewer} lost the connection, and {viewer} saw the run pause")]
fn step() {}

#[given(expr = "{viewer} has seen the run pause")]
fn step() {}

#[given(expr = "{viewer} has let the run continue")]
fn step() {}

#[when(expr = "{viewer} lets the run continue")]
fn step() {}

#[when(expr = "{viewer} and {viewer} let the run continue at the same time")]
fn step() {}

#[then(expr = "{viewer} learns that the run is paused, and can let it continue")]
fn step() {}

#[then(expr = "its numbering continues after the pause")]
fn step() {}

#[then(expr = "everybody who stayed sees it go on")]
fn step() {}

#[then(expr = "only one of the answers counts")]
fn step() {}

#[then(expr = "everybody is told that it was cancelled, and {viewer} cannot let it continue")]
fn step() {}

// src/suite/steps/positions.rs

#[when(expr = "{viewer} returns {invalid_position}")]
fn step() {}

#[when(expr = "{viewer} returns with the ending as their position, as soon as it comes")]
fn step() {}

#[then(expr = "{viewer} is refused a position that no event has")]
fn step() {}

#[then(expr = "{viewer} is refused the invalid position")]
fn step() {}

#[then(expr = "{viewer} is refused, or learns at least how the run ends")]
fn step() {}

#[then(expr = "every event that {viewer} gets has an index of its own")]
fn step() {}

#[then(expr = "{viewer} is told that the run has finished")]
fn step() {}

// src/suite/steps/refusals.rs

#[when(expr = "{viewer} starts a workflow that does not exist")]
fn step() {}

#[when(expr = "{viewer} starts a run without naming a workflow")]
fn step() {}

#[given(expr = "{viewer} has asked for a run that does not exist")]
fn step() {}

#[when(expr = "{viewer} asks for a run that does not exist")]
fn step() {}

#[when(expr = "{viewer} asks for a run without naming it")]
fn step() {}

#[then(expr = "{viewer} is refused, and no run starts")]
fn step() {}

#[then(expr = "{viewer} is refused the unknown run")]
fn step() {}

#[then(expr = "{viewer} is refused the run without a name")]
fn step() {}

#[then(expr = "the connection still works")]
fn step() {}

#[then(expr = "{viewer} is not left in silence")]
fn step() {}

// src/suite/steps/replicas.rs

#[given(expr = "{viewer} has connected to the other replica")]
fn step() {}

#[when(expr = "{viewer} connects to the other replica")]
fn step() {}

#[when(expr = "{viewer} returns to the other replica {position}")]
fn step() {}

#[then(expr = "{viewer} gets what was missed and everything live, as {viewer} does")]
fn step() {}

#[then(expr = "both replicas show the same run")]
fn step() {}

#[when(expr = "the other replica dies")]
fn step() {}

#[then(expr = "{viewer} is told what became of the run")]
fn step() {}

// src/suite/steps/retention.rs

#[given(expr = "{viewer} has watched an endless run until the server had dropped its beginning")]
fn step() {}

#[given(expr = "{viewer} lost the connection until the server had dropped what came next")]
fn step() {}

#[then(expr = "every event that {viewer} gets is the one that came live under its index")]
fn step() {}

#[then(expr = "{viewer} is told that some events are lost")]
fn step() {}

#[given(expr = "the server has dropped the run from its memory")]
fn step() {}

#[then(expr = "the run is replayed as if it were still in memory")]
fn step() {}

#[given(expr = "the server was restarted")]
fn step() {}

#[then(expr = "the run is replayed as it came live")]
fn step() {}

#[then(expr = "its numbering continues as if the server had never stopped")]
fn step() {}

#[then(expr = "{viewer} is not left waiting for the rest of the run")]
fn step() {}

// src/suite/steps/returning.rs

#[when(expr = "{viewer} returns {position}")]
fn step() {}

#[given(expr = "{viewer} has returned {position}")]
fn step() {}

#[when(expr = "{viewer} returns {position} and names only the run")]
fn step() {}

#[then(expr = "{viewer} is answered like {viewer}")]
fn step() {}

#[given(expr = "{viewer} has returned {position} and watched to the end")]
fn step() {}

#[given(expr = "{viewer} has asked for the replay again")]
fn step() {}

#[when(expr = "{viewer} returns {position}, and asks once more before the answer")]
fn step() {}

#[when(expr = "{viewer} asks for the replay again")]
fn step() {}

#[then(expr = "{viewer} is told first of all that events were missed")]
fn step() {}

#[then(expr = "exactly as many missed events follow as were announced")]
fn step() {}

#[then(expr = "the missed events start right after {viewer}'s position and ascend one by one")]
fn step() {}

#[then(expr = "{viewer} is subscribed once, between the missed events and the live ones")]
fn step() {}

#[then(expr = "the run goes on live to its ending, without a gap or a repeat")]
fn step() {}

#[then(expr = "{viewer} is subscribed at once, and goes on with the next event")]
fn step() {}

#[then(expr = "the announced numbers agree with the events that {viewer} gets")]
fn step() {}

#[then(expr = "{viewer} gets the history from event 0, is subscribed, and goes on live")]
fn step() {}

#[then(expr = "leaving out the position gives {viewer} the history from event 0")]
fn step() {}

#[then(expr = "the whole run is replayed from event 0")]
fn step() {}

#[then(expr = "exactly as many events follow as the replay announced")]
fn step() {}

#[then(expr = "the replay tells how the run ended")]
fn step() {}

#[then(expr = "{viewer} was not subscribed, and their connection is still usable")]
fn step() {}

#[then(expr = "the second replay is the same as the first")]
fn step() {}

#[then(expr = "the run is shown as failed")]
fn step() {}

// src/suite/steps/seam.rs

#[given(expr = "{viewer} lost the connection while much of the run went by")]
fn step() {}

#[given(expr = "{viewer} lost the connection while {viewer} saw {event_count} events go by")]
fn step() {}

#[given(expr = "{viewer} has returned, and lost the connection again in the middle of catching up")]
fn step() {}

#[given(expr = "{viewer} has started the run again, and lost the connection as {viewer} saw it end")]
fn step() {}

#[when(expr = "{viewer} returns {position} while the run goes on")]
fn step() {}

#[when(expr = "several others return at once, and read slowly while the run goes on")]
fn step() {}

#[then(expr = "the live events follow directly after the missed ones")]
fn step() {}

#[when(expr = "{viewer} starts the run again, and others return at the very moment when it ends")]
fn step() {}

#[then(expr = "everybody who returned gets the ending")]
fn step() {}

#[given(expr = "{viewer} has started a(n) {part} run that has not begun")]
fn step() {}

#[then(expr = "{viewer} misses nothing")]
fn step() {}

// src/suite/steps/several_runs.rs

#[given(expr = "{viewer} has watched another {part} run of the same session to its end")]
fn step() {}

#[given(expr = "{viewer} has watched another {part} run of the same session for {int} event(s)")]
fn step() {}

#[given(expr = "{viewer} has returned to the earlier run {position}")]
fn step() {}

#[when(expr = "{viewer} returns to the earlier run {position}")]
fn step() {}

#[then(expr = "each run of the session is shown as itself")]
fn step() {}

#[given(expr = "{viewer} has asked for the earlier run, too, {position}, on the same connection")]
fn step() {}

#[when(expr = "{viewer} asks for the earlier run, too, {position}, on the same connection")]
fn step() {}

#[then(expr = "{viewer} gets each run to its end")]
fn step() {}

#[when(expr = "{viewer} disconnects {disconnect} while the others watch")]
fn step() {}

#[then(expr = "everybody else gets the rest of the run")]
fn step() {}

#[given(expr = "{viewer} keeps the server busy with many {part} runs")]
fn step() {}

#[when(expr = "{viewer} starts a(n) {part} run meanwhile")]
fn step() {}

#[then(expr = "{viewer} learns which run it is")]
fn step() {}

// src/suite/steps/slow_consumer.rs

#[when(expr = "{viewer} starts the run again, and {viewer} joins and stops reading")]
fn step() {}

#[when(expr = "{viewer} starts the run again and stops reading, and {viewer} joins")]
fn step() {}

#[then(expr = "{viewer} gets the rest of the run, whether or not {viewer} reads")]
fn step() {}

// src/suite/steps/streams.rs

#[when(expr = "{viewer} sees the run pause")]
fn step() {}

#[then(expr = "every stream ends")]
fn step() {}

#[given(expr = "{viewer} has watched a run until nothing happens in it")]
fn step() {}

#[given(expr = "{viewer} has joined the run")]
fn step() {}

#[when(expr = "{viewer} listens for longer than a stream may say nothing")]
fn step() {}

#[then(expr = "the stream was not silent for too long")]
fn step() {}

#[then(expr = "each event came whole")]
fn step() {}

#[when(expr = "{viewer} asks what the run waits for")]
fn step() {}

#[then(expr = "the question is known")]
fn step() {}

#[given(expr = "{viewer} has let the run continue without watching it")]
fn step() {}

#[given(expr = "{viewer} has let the run continue, and lost the connection")]
fn step() {}

#[then(expr = "{viewer} gets what came after the pause")]
fn step() {}

// src/suite/steps/watching.rs

#[when(expr = "{viewer} starts a(n) {part} run")]
fn step() {}

#[given(expr = "{viewer} is watching a(n) {part} run")]
fn step() {}

#[when(expr = "{viewer} starts a(n) {part} run and a(n) {part} run on one connection")]
fn step() {}

#[when(expr = "{viewer} starts four {part} runs on one connection")]
fn step() {}

#[given(expr = "{viewer} has watched a(n) {part} run for {int} event(s)")]
fn step() {}

#[given(expr = "{viewer} has watched a(n) {part} run to its end")]
fn step() {}

#[when(expr = "{viewer} watches a(n) {part} run to its end")]
fn step() {}

#[when(expr = "nothing happens in the run for long")]
fn step() {}

#[then(expr = "the stream goes on for everybody who watches")]
fn step() {}

#[then(expr = "the run begins with its start, as event 0")]
fn step() {}

#[then(expr = "its events are numbered one by one from 0")]
fn step() {}

#[then(expr = "it ends once, and no event of it follows")]
fn step() {}

#[then(expr = "every event names the run that it belongs to")]
fn step() {}

#[then(expr = "the run comes to its end without {viewer}")]
fn step() {}

#[then(expr = "each run is numbered from 0 on its own")]
fn step() {}

#[then(expr = "everybody who watches is told that the run failed")]
fn step() {}
