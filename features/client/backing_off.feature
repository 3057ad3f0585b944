Feature: Waiting before the next try
  The server is ours, and does not let Ada in for a while.

  @CLIENT-BACKOFF-1
  Rule: A client never tries more than five times in a second.

    Scenario Outline: The tries are <turned away>
      Given Ada is watching a long run
      When the connection is reset, and the next tries are <turned away>
      Then Ada never tries more than five times in a second

      Examples:
        | turned away            |
        | answered with an error |
        | closed at once         |

  @CLIENT-BACKOFF-2 @should
  Rule: The pauses between a client's tries grow.

    Scenario: Six tries are turned away
      Given Ada is watching a long run
      When the connection is reset, and the next tries are answered with an error
      Then the pauses between Ada's tries grow

  @CLIENT-BACKOFF-3 @should
  Rule: A client comes back after an outage.

    Scenario: The server is away for a while
      Given Ada is watching a long run
      When the connection is reset, and the server is away for a while
      Then Ada comes back after the outage

    Scenario: The server cannot be reached for a while
      Given Ada is watching a long run
      When the connection is reset, and the server cannot be reached for a while
      Then Ada comes back after the outage
