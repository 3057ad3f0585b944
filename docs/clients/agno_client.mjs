// Starts `AgnoClient` with the URL and prints what its events say. npm install @rodrigocoliveira/agno-client@2.3.0
// node agno_client.mjs URL           with JUDGE_ALL=1 it is judged by what it does not claim, too
// node agno_client.mjs URL resume    calls resumeRun a second after a stream has ended without `message:complete`
import { AgnoClient } from "@rodrigocoliveira/agno-client";

const [url, resume] = process.argv.slice(2), scenario = process.env.RECONNECT_ACCEPTANCE_SCENARIO;
const withoutALoss = /comes to its end|has ended, and|cancelled while|asks a person|wrong order/.test(scenario);
const againAndAgain = /turned away|tries are|token is refused/.test(scenario);
const reason = resume
  ? againAndAgain && "when resumeRun is called again is left to its caller"
  : !withoutALoss && !process.env.JUDGE_ALL && "it comes back only when resumeRun is called";
if (reason) {
  console.error(reason);
  process.exit(77);
}

const mode = process.env.RECONNECT_ACCEPTANCE_COMPONENT; // agent or team
const client = new AgnoClient({ endpoint: url, mode, agentId: "long", teamId: "long", background: true,
  authToken: process.env.RECONNECT_ACCEPTANCE_TOKEN });

let complete = false, run;
const say = (state, status) => console.log(JSON.stringify({ state, status }));
client.on("state:change", ({ currentRunId }) => { run ??= currentRunId; });
client.on("stream:start", () => say("live"));
client.on("run:resume:start", () => say("catching_up"));
client.on("run:resume:meta", ({ type }) => type === "subscribed" && say("live"));
client.on("run:resume:error", ({ message }) => say("refused", message));
client.on("run:paused", () => say("paused"));
client.on("run:cancelled", () => say("ended", "cancelled"));
client.on("message:error", () => say("ended", "failed"));
client.on("message:complete", (messages) => {
  const { isPaused, errorMessage } = client.getState(), { cancelled } = messages.at(-1);
  if (!isPaused) say("ended", cancelled ? "cancelled" : errorMessage ? "failed" : "completed");
  complete = true;
});

await client.sendMessage("Hello");
while (resume && run && !complete) {
  await new Promise((done) => setTimeout(done, 1000));
  await client.resumeRun({ runId: run });
}
process.exit(complete ? 0 : 1);
