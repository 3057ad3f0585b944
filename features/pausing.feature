Feature: A run that waits for a person
  Some steps need a person's approval. Until then the run waits, perhaps for hours,
  and nobody keeps a page open for so long. A viewer who returns sees the question,
  can answer it, and sees what follows.

  @PAUSE-1
  Rule: A viewer who returns to a paused run gets its last event, `WorkflowPaused`, and the run can be continued.

    Scenario: Another viewer returns to the paused run
      Given Ada has watched a pausing run until it paused
      When Ben returns without a position
      Then Ben learns that the run is paused, and can let it continue

    Scenario: The viewer was away when the run paused
      Given Ada has watched a pausing run for 5 events
      And Ben has returned without a position
      And Ada lost the connection, and Ben saw the run pause
      When Ada returns with their position
      Then Ada learns that the run is paused, and can let it continue

  @PAUSE-2
  Rule: When a paused run is continued, its indices go on after the pause, and none is used twice.

    Scenario: The viewer who saw the run pause continues it
      Given Ada has watched a pausing run until it paused
      When Ada lets the run continue
      Then its numbering continues after the pause

    Scenario: A viewer who has returned continues it
      Given Ada has watched a pausing run until it paused
      And Ada has left
      And Ada has returned without a position
      When Ada lets the run continue
      Then its numbering continues after the pause

    Scenario: A viewer who has not watched the run continues it
      Given Ada has watched a pausing run until it paused
      When Ben lets the run continue
      Then its numbering continues after the pause

  @PAUSE-3
  Rule: A viewer who watched a run pause, and stayed, sees it go on when somebody else lets it.

    Scenario: The viewer who started the run stays
      Given Ada has watched a pausing run until it paused
      When Ben lets the run continue
      Then everybody who stayed sees it go on

    Scenario: Viewers who have returned stay as well
      Given Ada has watched a pausing run for 5 events
      And Ben has returned without a position
      And Cleo has returned without a position
      And Ada has seen the run pause
      When Dan lets the run continue
      Then everybody who stayed sees it go on

  @PAUSE-4
  Rule: A pause is answered once: a later answer is refused, and nothing is carried out twice.

    Scenario: Two viewers answer at the same time
      Given Ada has watched a pausing run until it paused
      When Ada and Ben let the run continue at the same time
      Then only one of the answers counts

    Scenario Outline: <who> answers once more when the run is over
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue
      When <who> lets the run continue
      Then only one of the answers counts

      Examples:
        | who |
        | Ada |
        | Ben |
