Feature: Being greeted
  A viewer who connects is greeted before anything else, and learns whether a token
  is needed. At any time they can find out whether the connection is alive.

  @GREETING-1
  Rule: The first message on a connection is `connected`, and says whether authentication is required.

    Scenario: A viewer connects
      When Ada connects
      Then Ada is greeted first, and told whether a token is required

    Scenario: A viewer connects again
      Given Ada has connected
      And Ada has left
      When Ada connects
      Then Ada is greeted first, and told whether a token is required

    Scenario: A viewer connects to another replica
      Given two replicas of one server
      When Ada connects to the other replica
      Then Ada is greeted first, and told whether a token is required

  @GREETING-2 @should
  Rule: `ping` is answered by `pong`, also while a run is streaming.

    Scenario: Nothing else happens on the connection
      Given Ada has connected
      When Ada pings
      Then a pong comes back

    Scenario: A run is streaming on the connection
      Given Ada is watching a long run
      When Ada pings
      Then a pong comes back
