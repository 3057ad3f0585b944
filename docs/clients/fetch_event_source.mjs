// The usage of the README of `@microsoft/fetch-event-source`, with onclose and onerror; the request starts a run.
// npm install @microsoft/fetch-event-source@2.0.1; node fetch_event_source.mjs URL
import { fetchEventSource } from "@microsoft/fetch-event-source";

if (/comes to its end|cancelled|asks a person|wrong order/.test(process.env.RECONNECT_ACCEPTANCE_SCENARIO)) {
  console.error("a library for streams leaves to its caller how a run is shown");
  process.exit(77);
}

globalThis.window = globalThis; // the library is written for browsers
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
class RetriableError extends Error {}

await fetchEventSource(`${process.argv[2]}/${process.env.RECONNECT_ACCEPTANCE_COMPONENT}s/long/runs`, {
  method: "POST",
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body: "message=Hello&stream=true&background=true",
  onmessage({ data }) {
    console.log(data);
  },
  onclose() {
    throw new RetriableError();
  },
  onerror() {}, // to do nothing is to try again
});
