Feature: Understanding what comes
  What a client takes for an event shows in the position with which it comes back.
  The server is ours, and knows exactly what it has sent.

  @CLIENT-LISTEN-1
  Rule: A client understands events in both framings.

    Scenario: One loss after the start, and one after the return
      Given Ada is watching a long run
      When the connection is lost 2 times
      Then Ada's positions show that the events of each connection were understood

  @CLIENT-LISTEN-2
  Rule: A client does not take `catch_up`, `replay`, `subscribed` or `queued` for events.

    Scenario: One loss after the start, and one after the return
      Given Ada is watching a long run
      When the connection is lost 2 times
      Then Ada's positions count events alone

  @CLIENT-LISTEN-3 @should
  Rule: A client counts an event of an unknown name like any other.

    Scenario: A new kind of event is the last one before the loss
      Given Ada is watching a long run, and something new has happened in it
      When the connection is reset
      Then Ada's position counts what is new

    @over-http
    Scenario: A new kind of event is the last one before the stream ends
      Given Ada is watching a long run, and something new has happened in it
      When the stream ends before the run does
      Then Ada's position counts what is new

  @CLIENT-LISTEN-4 @should
  Rule: A client goes on after one message that it cannot read.

    Scenario Outline: Ada gets <unreadable>
      Given Ada is watching a long run, and <unreadable> has come
      When the connection is reset
      Then Ada goes on

      Examples:
        | unreadable             |
        | a text that is cut off |
        | a binary message       |
