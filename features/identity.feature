Feature: The same events for everybody
  Live, caught up or replayed: an event is the same event. Its number names it,
  and what it says does not depend on who receives it, when, or how often.

  @IDENTITY-1
  Rule: An index names one event: its type, content and ids are the same in every delivery, to every viewer, live, caught up or replayed.

    Scenario: A run is caught up on, and replayed to somebody else
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position and watched to the end
      When Ben returns without a position
      Then every event is the same event in every delivery

    Scenario: A run is watched, and replayed
      Given Ada has watched a short run to its end
      When Ben returns without a position
      Then every event is the same event in every delivery

  @IDENTITY-2 @should
  Rule: Its whole payload is the same in every delivery.

    Scenario: A run is caught up on, and replayed to somebody else
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position and watched to the end
      When Ben returns without a position
      Then every event has the same payload in every delivery

  @CONTENT-2 @should
  Rule: Every message is strict JSON (RFC 8259): no `NaN`, no lone surrogate.

    Scenario: A run is watched, and replayed
      Given Ada has watched a long run to its end
      When Ben returns without a position
      Then every message is strict JSON
