Feature: Returning without having missed anything
  Sometimes nothing happens while a viewer is away. They learn at once that they have
  everything so far, and the next event is the one that follows.

  @CATCHUP-6
  Rule: When a viewer who returns has missed nothing, `subscribed` comes before any event.

    @breakpoint
    Scenario: Nothing happens while the viewer is away
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run was stopped
      When Ada returns with their position
      Then Ada is subscribed at once, and goes on with the next event

  @CATCHUP-8 @should
  Rule: When a viewer who returns has missed nothing, there is no `catch_up`.

    @breakpoint
    Scenario: Nothing happens while the viewer is away
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run was stopped
      When Ada returns with their position
      Then Ada is subscribed at once, and goes on with the next event
