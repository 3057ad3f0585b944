Feature: Events that the server no longer keeps
  No server keeps every event for ever. A viewer who asks for dropped events gets those
  that are left, under their own indices, and learns that the others are lost. A finished
  run does not disappear because the server made room for others.

  @RETENTION-1
  Rule: After a server has dropped old events, no event is delivered under another event's index, and no index is repeated.

    Scenario: The viewer missed more events than the server keeps
      Given Ada has watched an endless run for 10 events
      And Ben has returned without a position
      And Ben lost the connection until the server had dropped what came next
      When Ben returns with their position
      Then every event that Ben gets is the one that came live under its index

    Scenario: A viewer joins when the beginning is gone
      Given Ada has watched an endless run until the server had dropped its beginning
      When Ben returns without a position
      Then every event that Ben gets is the one that came live under its index

    Scenario: A viewer joins after the end
      Given Ada has watched an endless run to its end
      When Ben returns without a position
      Then every event that Ben gets is the one that came live under its index

  @RETENTION-2 @should
  Rule: A viewer who cannot be given everything that they missed is told so.

    Scenario: The viewer missed more events than the server keeps
      Given Ada has watched an endless run for 10 events
      And Ben has returned without a position
      And Ben lost the connection until the server had dropped what came next
      When Ben returns with their position
      Then Ben is told that some events are lost

    Scenario: A viewer joins when the beginning is gone
      Given Ada has watched an endless run until the server had dropped its beginning
      When Ben returns without a position
      Then Ben is told that some events are lost

    Scenario: A viewer joins after the end
      Given Ada has watched an endless run to its end
      When Ben returns without a position
      Then Ben is told that some events are lost

  @RETENTION-3 @should
  Rule: A finished run that the server dropped from memory is still replayed.

    Scenario Outline: The server has made room since a <part> run ended
      Given Ada has watched a <part> run to its end
      And Ada has left
      And the server has dropped the run from its memory
      When Ada returns <position>
      Then the run is replayed as if it were still in memory

      Examples:
        | part    | position                       |
        | short   | without a position             |
        | short   | with event 2 as their position |
        | failing | without a position             |
        | nested  | without a position             |

    Scenario: The server has made room since a run that was paused and continued ended
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue
      And the server has dropped the run from its memory
      When Ben returns without a position
      Then the run is replayed as if it were still in memory

    Scenario: The server has made room since the run was cancelled
      Given Ada has watched a long run for 20 events
      And Ada has cancelled the run
      And the server has dropped the run from its memory
      When Ben returns without a position
      Then the run is replayed as if it were still in memory
