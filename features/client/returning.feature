Feature: Coming back to a run
  Ada is the client that is judged; the server is ours. It breaks the connection
  on purpose, and looks at what Ada does next.

  @CLIENT-RETURN-1
  Rule: A client whose connection breaks before the ending comes back by itself.

    Scenario Outline: The connection <breaks>
      Given Ada is watching a long run
      When the connection <breaks>
      Then Ada comes back without help

      Examples:
        | breaks                          |
        | is reset                        |
        | ends in the middle of a message |
        | is closed with a server error   |

  @CLIENT-RETURN-2
  Rule: A client takes a clean close before the ending for a lost connection, too.

    Scenario Outline: The connection <breaks>
      Given Ada is watching a long run
      When the connection <breaks>
      Then Ada comes back, as the run has not ended

      Examples:
        | breaks                                 |
        | is closed normally                     |
        | is closed because the server goes away |
        | is closed because the server restarts  |

  @CLIENT-RETURN-3 @should
  Rule: A client notices a dead line within the time limit.

    Scenario: Nothing goes over the line any more
      Given Ada is watching a long run
      When the connection goes dead
      Then Ada notices it and comes back

  @CLIENT-RETURN-4
  Rule: A client that comes back does not start the run again.

    Scenario Outline: The connection <breaks>
      Given Ada is watching a long run
      When the connection <breaks>
      Then Ada starts no second run

      Examples:
        | breaks             |
        | is reset           |
        | is closed normally |

  @CLIENT-RETURN-5 @should
  Rule: A client does not come back after the ending.

    Scenario: The run has ended, and the connection is closed
      Given Ada has watched a short run to its end
      When the connection is closed after the ending
      Then Ada does not come back

  @CLIENT-RETURN-6 @should
  Rule: A client watches a run on one connection at a time.

    Scenario: Nothing goes over the line any more
      Given Ada is watching a long run
      When the connection goes dead
      Then Ada leaves the dead line
