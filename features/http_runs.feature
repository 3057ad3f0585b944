Feature: Watching a run that was started over HTTP
  A script, a timer or another service starts a run over HTTP, and often does not
  watch it. People can still watch it.

  @HTTP-1 @should
  Rule: A viewer can return over the WebSocket to a run that was started over HTTP, and gets its live events.

    Scenario: The client that started the run still reads the response
      Given Ada has started a long run over HTTP
      When Ben returns without a position
      Then Ben watches the run live

    Scenario: The client that started the run is gone
      Given Ada has started a long run over HTTP, and left
      When Ben returns without a position
      Then Ben watches the run live

    Scenario: The viewer of a run that was started over HTTP loses the connection
      Given Ada has started a long run over HTTP, and left
      And Ben has returned without a position
      And Ben lost the connection while the run went on
      When Ben returns with their position
      Then Ben watches the run live
