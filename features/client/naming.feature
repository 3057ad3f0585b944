Feature: Naming the run
  A client that comes back says what it wants to see. The server is ours; the events
  of a workflow name the agent's run first, and the workflow's besides.

  @CLIENT-NAME-1
  Rule: A client names the workflow's run when it returns, not an agent's.

    Scenario: The last event before the loss was an agent's
      Given Ada is watching a long run
      When the connection is reset
      Then Ada names the workflow's run

    Scenario: The last event before the loss was that of a workflow within the workflow
      Given Ada is watching a nested run
      When the connection is reset
      Then Ada names the workflow's run

  @CLIENT-NAME-2 @should
  Rule: A client names workflow and session as well.

    Scenario: The connection is reset
      Given Ada is watching a long run
      When the connection is reset
      Then Ada names the workflow and the session as well
