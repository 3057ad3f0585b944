Feature: The same events for everybody
  Live, caught up or replayed, an event is the same event. Its index identifies it,
  and its content does not depend on who receives it, when, or how often.

  @IDENTITY-1
  Rule: An index names one event: its type, content and ids are the same in every delivery, to every viewer, live, caught up or replayed.

    Scenario: One viewer catches up, and another one gets the replay
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position and watched to the end
      When Ben returns without a position
      Then every event is the same event in every delivery

    Scenario: A run is watched, and then replayed
      Given Ada has watched a short run to its end
      When Ben returns without a position
      Then every event is the same event in every delivery

    Scenario Outline: A run that repeats <what> is watched, and then replayed
      Given Ada has watched a run that repeats <what> to its end
      And Ben has returned without a position and watched to the end
      And the server has dropped the run from its memory
      When Cleo returns without a position
      Then every event is the same event in every delivery

      Examples:
        | what                      |
        | quotes and backslashes    |
        | control characters        |
        | emoji and accents         |
        | a null character          |
        | text that looks like JSON |
        | a bare number             |

    Scenario: A run is cancelled, and then replayed
      Given Ada has watched a long run for 20 events
      And Ben has returned without a position
      And Ada has cancelled the run
      When Cleo returns without a position
      Then every event is the same event in every delivery

    Scenario: A run pauses and goes on, and is then replayed
      Given Ada has watched a pausing run until it paused
      And Ben has returned without a position
      And Ada has let the run continue
      When Cleo returns without a position
      Then every event is the same event in every delivery

  @IDENTITY-2 @should
  Rule: The whole payload of an event is the same in every delivery.

    Scenario: One viewer catches up, and another one gets the replay
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position and watched to the end
      When Ben returns without a position
      Then every event has the same payload in every delivery

  @IDENTITY-3
  Rule: Nothing that an event said is missing from a later delivery: text, lists and objects, not measurements (`metrics`, `session_state`, clocks).

    Scenario: One viewer catches up, and another one gets the replay
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position and watched to the end
      When Ben returns without a position
      Then nothing that an event said is missing later

    Scenario: A run fails, and is then replayed
      Given Ada has watched a failing run to its end
      When Ben returns without a position
      Then nothing that an event said is missing later

    Scenario: A run pauses, and is then replayed
      Given Ada has watched a pausing run until it paused
      When Ben returns without a position
      Then nothing that an event said is missing later
