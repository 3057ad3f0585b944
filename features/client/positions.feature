Feature: Keeping the position
  A client that comes back says which event it saw last. The server is ours: it breaks
  the connection after an exact event, once Ada has certainly read it.

  @CLIENT-POSITION-1
  Rule: A client's position is never beyond what was delivered.

    Scenario Outline: The connection <breaks>
      Given Ada is watching a long run
      When the connection <breaks>
      Then Ada's position is not beyond the last event that was delivered

      Examples:
        | breaks             |
        | is reset           |
        | is closed normally |

  @CLIENT-POSITION-2 @should
  Rule: A client's position is the last event that reached it.

    Scenario: The connection is reset after an event that was read
      Given Ada is watching a long run
      When the connection is reset
      Then Ada's position is the last event that reached them

    @over-http
    Scenario: The stream ends after an event
      Given Ada is watching a long run
      When the stream ends before the run does
      Then Ada's position is the last event that reached them

  @CLIENT-POSITION-3
  Rule: A client's position moves on with every connection.

    Scenario: Three losses in one run
      Given Ada is watching a long run
      When the connection is lost 3 times
      Then Ada's position is further each time

  @CLIENT-POSITION-4
  Rule: A client that is cut off while catching up returns with the last missed event that came.

    Scenario: Some of the missed events came
      Given Ada is catching up on a long run
      When the connection is reset in the middle of the missed events
      Then Ada's position is the last missed event that came

    @over-http
    Scenario: The stream ends before all missed events came
      Given Ada is catching up on a long run
      When the stream ends in the middle of the missed events
      Then Ada's position is the last missed event that came

  @CLIENT-POSITION-5
  Rule: A client's position is a whole number or `null`.

    Scenario: The connection is reset
      Given Ada is watching a long run
      When the connection is reset
      Then Ada's position is a whole number
