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

  @IDENTITY-2 @should
  Rule: The whole payload of an event is the same in every delivery.

    Scenario: One viewer catches up, and another one gets the replay
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position and watched to the end
      When Ben returns without a position
      Then every event has the same payload in every delivery
