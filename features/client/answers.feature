Feature: Being answered
  The server is ours, and does not answer Ada's return as Ada would like.

  @CLIENT-ANSWER-1
  Rule: A client does not repeat a refused return for ever, and tells its user.

    Scenario: The run is not known any more
      Given Ada is watching a long run
      When the connection is reset, and the return is refused
      Then Ada asks only a few times, and tells their user

    Scenario: Two returns are answered, and the third one is refused
      Given Ada is watching a long run
      When the connection is lost 3 times, and the last return is refused
      Then Ada asks only a few times, and tells their user

  @CLIENT-ANSWER-2 @should
  Rule: A client gives up a return that is met by silence, or tries again.

    Scenario: No answer comes
      Given Ada is watching a long run
      When the connection is reset, and the return is met by silence
      Then Ada gives up, or asks again

  @CLIENT-ANSWER-3 @should
  Rule: A client asks again for a gap, or shows it.

    Scenario: A missed event does not come
      Given Ada is watching a long run
      When the connection is reset, and one of the missed events does not come
      Then Ada asks for the missing event, or shows that it is missing
