Feature: Watching a run that a plain request started
  A script, a timer or another service starts a run without watching it. People
  can look at it all the same.

  @HTTP-1 @should
  Rule: A run that was started over HTTP can be returned to over the WebSocket, with live events.

    Scenario: The one who started the run still listens to the answer
      Given Ada has started a long run over HTTP
      When Ben returns without a position
      Then Ben watches the run live

    Scenario: The one who started the run is gone
      Given Ada has started a long run over HTTP, and left
      When Ben returns without a position
      Then Ben watches the run live
