// A server whose texts try to be code: markup, the end of a script or of a CDATA section, marks that change
// the reading direction, colours for terminals, and a megabyte at once.
// Prints its URL, and serves until it is stopped.
import { WebSocketServer } from 'ws';

const NASTY = [
  '</script><script>document.title="run by the server"</script>', '</style><img src=x onerror=alert(1)>',
  '<img src="http://example.invalid/pixel.png">', '<a href="javascript:alert(1)">here</a>', ']]>', '-->',
  '&amp;&#60;b&#62;', '\u202eright to left\u202c', '\u2066isolated', '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007', '\u009b1m', '\u0000', '\ufeff', '\ufffe', '\r\n\u000b', '{{x}}', '`x`', '| x |', '%s',
].join(' ');
const MEGABYTE = 'm'.repeat(1_000_000);
const WORD = 'w'.repeat(5_000);

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 16_000_000 });
server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}/workflows/ws`));
server.on('connection', (socket) => {
  const say = (message) => socket.send(JSON.stringify(message));
  const event = (name, session, index, more) => say({
    event: name, run_id: `run ${NASTY}`, workflow_id: NASTY, session_id: session, event_index: index, ...more,
  });
  say({ event: 'connected', message: NASTY, requires_auth: false });
  socket.on('error', () => {});
  socket.on('message', (data) => {
    let asked = {};
    try { asked = JSON.parse(data); } catch { /* it gets the same answer */ }
    const session = asked.session_id ?? NASTY;
    switch (asked.action) {
      case 'start-workflow':
        event('WorkflowStarted', session, 0, { message: NASTY });
        for (let index = 1; index < 45; index += 1) event('RunContent', session, index, { content: `${NASTY} ${index}` });
        event('RunContent', session, 45, { content: MEGABYTE });
        event(NASTY, session, 46, { content: WORD });
        event('WorkflowCompleted', NASTY, 46, { content: NASTY });
        break;
      case 'reconnect':
        say({ event: 'catch_up', run_id: NASTY, status: NASTY, missed_events: 3, current_event_count: 4, message: MEGABYTE });
        event('RunContent', session, 2, { content: NASTY });
        event(NASTY, session, NASTY, { content: WORD });
        say({ event: 'subscribed', run_id: NASTY, status: NASTY, message: WORD });
        break;
      default:
        say({ event: 'error', error: NASTY, run_id: NASTY });
    }
  });
});
