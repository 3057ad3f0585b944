Feature: Runs and those who watch them
  A run belongs to the server, not to a connection: it does its work whether
  anybody looks or not.

  @VIEWERS-5
  Rule: A run goes on while nobody watches.

    Scenario: The only viewer is away
      Given Ada has watched a long run for 20 events
      And Ada left while the run went on
      When Ada returns with her position
      Then the run has gone on without her
