Feature: Starting a run
  A viewer who starts a run sees it from its first event to its ending. Every
  event has an index, counted from 0, so that a viewer who loses the connection
  can say how far they got.

  @START-1
  Rule: A started run's first event is `WorkflowStarted`, with index 0 and the run's id.

    Scenario: A viewer starts a long run
      When Ada starts a long run
      Then the run begins with its start, as event 0

  @START-2
  Rule: On an uninterrupted connection a run's indices count up one by one from 0, with no gap and no repeat.

    Scenario Outline: A viewer watches a <part> run from beginning to end
      When Ada watches a <part> run to its end
      Then its events are numbered one by one from 0

      Examples:
        | part      |
        | short     |
        | long      |
        | talkative |
        | nested    |

  @START-3
  Rule: A completed or failed run has exactly one ending, `WorkflowCompleted` or `WorkflowError`, and nothing of the run follows it.

    Scenario Outline: A viewer watches a <part> run to its end
      When Ada watches a <part> run to its end
      Then it ends once, and no event of it follows

      Examples:
        | part    |
        | short   |
        | long    |
        | failing |
        | nested  |

  @START-4
  Rule: Starting an unknown or unnamed workflow is refused with `error`, and no run starts.

    Scenario: The workflow does not exist
      Given Ada has connected
      When Ada starts a workflow that does not exist
      Then Ada is refused, and no run starts

    Scenario: No workflow is named
      Given Ada has connected
      When Ada starts a run without naming a workflow
      Then Ada is refused, and no run starts

  @START-5
  Rule: Every event can be assigned to its run, including those of nested agents, which carry their own `run_id` beside the workflow's.

    Scenario: Nested agents work inside the run
      When Ada watches a long run to its end
      Then every event names the run that it belongs to

    Scenario: Another workflow is a step of the run
      When Ada watches a nested run to its end
      Then every event names the run that it belongs to

    Scenario: Two runs with another workflow as a step are started on one connection
      When Ada starts a nested run and a nested run on one connection
      Then every event names the run that it belongs to

  @START-6
  Rule: A viewer who leaves right after starting a run does not stop it.

    Scenario Outline: The viewer leaves a <part> run at its first event
      Given Ada has started a <part> run and left at once
      When Ben returns without a position
      Then the run comes to its end without Ada

      Examples:
        | part  |
        | short |
        | long  |

  @START-7
  Rule: Several runs started on one connection stay separate: each has its own indices from 0.

    Scenario: A short run and a long one
      When Ada starts a short run and a long run on one connection
      Then each run is numbered from 0 on its own

    Scenario: Two runs of the same workflow
      When Ada starts a long run and a long run on one connection
      Then each run is numbered from 0 on its own

    @thorough
    Scenario: Four runs of the same workflow
      When Ada starts four long runs on one connection
      Then each run is numbered from 0 on its own

  @START-8
  Rule: A run is acknowledged within the time limit also while others keep the server busy, so that a viewer who leaves can return.

    # Alone, since others would wait as well.
    @serial
    Scenario: Many runs of another viewer are under way
      Given Ben keeps the server busy with many long runs
      When Ada starts a long run meanwhile
      Then Ada learns which run it is
