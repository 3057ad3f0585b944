Feature: More than a server can remember
  No server keeps every event for ever. Whoever asks for what it has dropped gets what
  is left, under its own numbers, and learns that the rest is lost. And a run that has
  ended is not gone because the server made room for others.

  @RETENTION-1
  Rule: When history was dropped, no event is delivered under another event's index, and no index is repeated.

    Scenario: The viewer was away for longer than the server remembers
      Given Ada has watched an endless run for 10 events
      And Ben has returned without a position
      And Ben lost the connection until the server had dropped what came next
      When Ben returns with their position
      Then every event that Ben gets is the one that came live under its index

    Scenario: Somebody joins when the beginning is gone
      Given Ada has watched an endless run until the server had dropped its beginning
      When Ben returns without a position
      Then every event that Ben gets is the one that came live under its index

    Scenario: Somebody comes after the end
      Given Ada has watched an endless run to its end
      When Ben returns without a position
      Then every event that Ben gets is the one that came live under its index

  @RETENTION-2 @should
  Rule: A viewer who can't be given all that they missed is told so.

    Scenario: The viewer was away for longer than the server remembers
      Given Ada has watched an endless run for 10 events
      And Ben has returned without a position
      And Ben lost the connection until the server had dropped what came next
      When Ben returns with their position
      Then Ben is told that some events are lost

    Scenario: Somebody joins when the beginning is gone
      Given Ada has watched an endless run until the server had dropped its beginning
      When Ben returns without a position
      Then Ben is told that some events are lost

    Scenario: Somebody comes after the end
      Given Ada has watched an endless run to its end
      When Ben returns without a position
      Then Ben is told that some events are lost

  @RETENTION-3 @should
  Rule: A finished run that the server dropped from memory is still replayed.

    Scenario: The server has made room since the run ended
      Given Ada has watched a short run to its end
      And Ada has left
      And the server has dropped the run from its memory
      When Ada returns without a position
      Then the run is replayed as if it were still in memory
