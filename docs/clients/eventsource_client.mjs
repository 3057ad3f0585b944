// The usage of the README of `eventsource-client`; the request is the start of a run.
// npm install eventsource-client@1.2.0; node eventsource_client.mjs URL
import { createEventSource } from "eventsource-client";

if (/comes to its end|cancelled|asks a person|wrong order/.test(process.env.RECONNECT_ACCEPTANCE_SCENARIO)) {
  console.error("a library for streams leaves to its caller how a run is shown");
  process.exit(77);
}

const source = createEventSource({
  url: `${process.argv[2]}/${process.env.RECONNECT_ACCEPTANCE_COMPONENT}s/long/runs`,
  method: "POST",
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body: "message=Hello&stream=true&background=true",
});
for await (const { data } of source) console.log(data);
