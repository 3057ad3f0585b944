Feature: Authentication
  A server that asks for a token asks on every connection. A viewer without one gets nothing.

  @AUTH-1
  Rule: Where authentication is required, any action but `authenticate` is answered by `auth_required` and has no effect until the viewer has authenticated.

    Scenario Outline: A viewer <asks>
      Given a server that asks for a token
      And Ada has connected without a token
      When Ada <asks>
      Then Ada is asked for a token, and nothing else happens

      Examples:
        | asks                                               |
        | pings without a token                              |
        | starts a long run without a token                  |
        | asks without a token for a run that does not exist |
        | lets a run continue without a token                |

    Scenario: A viewer starts a run without a token where every user has one
      Given a server that knows its users
      And Ada has connected without a token
      When Ada starts a long run without a token
      Then Ada is asked for a token, and nothing else happens

    @thorough
    Scenario Outline: A viewer <asks> where every user has a token
      Given a server that knows its users
      And Ada has connected without a token
      When Ada <asks>
      Then Ada is asked for a token, and nothing else happens

      Examples:
        | asks                                               |
        | asks without a token for a run that does not exist |
        | lets a run continue without a token                |

  @AUTH-2
  Rule: A wrong or missing token is answered by `auth_error` and gives access to nothing.

    Scenario Outline: A viewer authenticates <proof>
      Given a server that asks for a token
      And Ada has connected without a token
      When Ada authenticates <proof>
      Then the token is refused, and Ada stays unauthenticated

      Examples:
        | proof                                   |
        | with no token                           |
        | with an empty token                     |
        | with a wrong token                      |
        | with a token that differs in one letter |
        | with half a token                       |

    Scenario Outline: A viewer authenticates <proof> where every user has a token
      Given a server that knows its users
      And Ada has connected without a token
      When Ada authenticates <proof>
      Then the token is refused, and Ada stays unauthenticated

      Examples:
        | proof                                   |
        | with a wrong token                      |
        | with a token that differs in one letter |
        | with an expired token                   |
        | with a token that needs no signature    |
        | with a token signed by another key      |

    Scenario: A viewer tries a third time
      Given a server that asks for a token
      And Ada has connected without a token
      And Ada was refused with a wrong token
      And Ada was refused with half a token
      When Ada authenticates with a token that differs in one letter
      Then the token is refused, and Ada stays unauthenticated

    @thorough
    Scenario Outline: A viewer authenticates once more <proof>, and <asks>
      Given a server that knows its users
      And Ada has connected without a token
      And Ada was refused with a wrong token
      And Ada was refused <proof>
      When Ada <asks>
      Then Ada is asked for a token, and nothing else happens

      Examples:
        | proof                              | asks                                               |
        | with a token that is not valid yet | starts a long run without a token                  |
        | with a token for another audience  | asks without a token for a run that does not exist |
        | with an expired token              | lets a run continue without a token                |

  @AUTH-3
  Rule: A new connection starts unauthenticated, even when its viewer returns to their own run.

    Scenario: The viewer returns to a run under way
      Given a server that asks for a token
      And Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position and without a token
      Then Ada is asked for a token again, and gets nothing else

    Scenario: The viewer returns to a finished run
      Given a server that asks for a token
      And Ada has watched a short run to its end
      When Ada returns with their position and without a token
      Then Ada is asked for a token again, and gets nothing else

    Scenario: The viewer lets their own paused run continue
      Given a server that asks for a token
      And Ada has watched a pausing run until it paused
      When Ada lets the run continue, on a new connection without a token
      Then Ada is asked for a token again, and gets nothing else

    @thorough
    Scenario: The viewer returns to a run under way where every user has a token
      Given a server that knows its users
      And Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position and without a token
      Then Ada is asked for a token again, and gets nothing else
