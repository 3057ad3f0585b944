Feature: Showing a run
  What Ada shows is known by what Ada says on the side; without that, nothing is
  said about it here. It is compared with what has happened in the run.

  @CLIENT-SHOWN-1
  Rule: A client shows no event twice.

    @over-websocket
    Scenario: All events come again after a loss
      Given Ada is watching a long run
      When the connection is reset, and the run ends before Ada is back
      Then Ada shows no event twice

    @over-http
    Scenario: The server replays the run from its database
      Given Ada is watching a long run
      When the connection is reset, and all events of the ended run come again
      Then Ada shows no event twice

  @CLIENT-SHOWN-2
  Rule: A client shows events in their order.

    Scenario: Two events come in the wrong order
      Given Ada is watching a long run
      When two events come in the wrong order
      Then Ada shows the events in their order

  @CLIENT-SHOWN-3
  Rule: In the end a client has shown everything that happened.

    Scenario: Three losses on the way
      Given Ada is watching a long run
      When the connection is lost 3 times, and the run goes on to its end
      Then Ada has shown everything that happened

  @CLIENT-SHOWN-4
  Rule: A client shows only the watched run's events.

    Scenario: An event of another run comes on the connection
      Given Ada is watching a long run
      When an event of another run comes
      Then Ada shows only the events of the watched run

  @CLIENT-SHOWN-5 @should
  Rule: A client does not say "live" while it is away.

    Scenario: The server is away for a while
      Given Ada is watching a long run
      When the connection is reset, and the server is away for a while
      Then Ada does not say that the run is live
