"""Lessons: Markdown files that walk a class, or one learner, through a recorded forward pass.

How to write one
----------------
A lesson is one Markdown file. No number that follows from the model is typed in twice: what the text states is held against the
trace by `neurontui lesson check FILE`, and the answers of questions are always taken from the trace.

    ---
    title: One neuron                 # what the list shows
    language: de                      # optional: what NeuronTUI itself says, English without it
    model: demo neuron                # "demo NAME[:VARIANT]", or a model file beside the lesson: net.py, net.py:NAME
    input: [3, 5]                     # optional, as --input; may be repeated
    seed: 3                           # optional: torch.manual_seed before the forward
    mode: eval                        # optional: written (the default), train or eval
    minutes: 6
    ---

    ## Weights                        # each level-2 heading begins a page; a page has one thing to say: at most 10 lines of 76 columns

    The neuron multiplies 3 by its weight {weight[0, 0]}.

    ```neurontui
    goto ./linear
    at 0
    predict value
    ```

    > Question: What will the neuron give?
    > Hint: Add the bias last.
    > Wrong bias: Almost. One term is left.
    > Note: Let them do this one on paper.

Blocks
- A fenced ```` ```neurontui ```` block holds the debugger's own commands, one a line (`help` lists them). They are run when the page is
  entered; the text is shown afterwards, with the state that they left: the screen shows the computation of the element where the walk
  stands, or, where a block ends in `show NAME`, that tensor. State goes on from page to page (an edit stays until `undo`), so name steps
  by their path: `goto fc1/linear`, never `step 3`. `save` and `quit` cannot stand in one.
- In such a block `model flatten:batch` goes over to another demo (or `model net.py:NAME` to another file); edits end with it.
- ```` ```neurontui try ````: commands that the learner may run with the key `t`. They are taken back when the page is left. On the next
  page do the same edit in a plain block, and say what happened.
- Every other fenced block (```` ```python ````) is shown as it stands.
- `> Note: …` is for the speaker alone. `> Question: …` replaces the words of the page's question, `> Hint: …` (several allowed) comes
  before the hints that NeuronTUI makes, `> Wrong NAME: …` replaces what it says about a mistake (`lesson mistakes FILE` lists the names),
  `> Right: …` is said after a right answer, before what NeuronTUI says. A line of `>` without such a word goes on with the one before.

Questions: one a page, the command `predict` at the end of its block, about the place where the walk stands
- `predict value`: the number in question (of a stage, after `stage 1`); `predict value fc1[0]`: of any tensor;
  `predict value after running_mean[0]`: of a buffer of this step, after the call.
- `predict sign` · `predict sum 2` (the running sum after two terms) · `predict shape` (of the output; `predict shape fc1.weight`: of any)
- `predict kept` (a dropout: kept or dropped?) · `predict zero` (why is it zero?) · `predict largest` (which neuron of this row?)
- `predict raises` (will this call raise?) · `predict parameters` (how many numbers does this module learn?)
- `predict whether fc1[0] > 0` (yes or no: a CONDITION) · `predict equal fc1[0] fc2[0]` (the same number?)
- `predict choice` with two to five lines `> Choice (CONDITION): words`: the right one is the one whose condition holds in the trace;
  `> Wrong 2: …` says why the second is wrong.
- `predict` alone: NeuronTUI chooses.
Until it is answered, the computation is blanked. Numbers (2.7, 2,7, 27/10), shapes ([2, 1], 2x1), words and the number of a choice are
taken as answers. A CONDITION is `REF OP REF` with OP one of == != < <= > >=, where a side may be a number or a shape ([2, 2]); or
`raises NAME`, `not raises NAME`.

Numbers in the text (headings, lists, and code spans without letters too)
- `{REF}` is filled in from the trace; `{REF:2}` with two decimals. Cannot go wrong.
- `{2.7 = REF}` is shown as 2.7 and checked: REF must round to just these digits.
- `2.7` alone is checked too: some number that the current step shows must round to it: an element, a size or a count of elements of its
  tensors, an argument, a term, a factor, a running sum, a stage, a table. Code blocks, code spans with letters (`nn.Linear(2, 1)`),
  indices (`x[0]`), names (`fc1`, `2-D`), and the numbers of a list are no statements.
- `{50}`, `{50 %}`, `{[10, 0, 30, 0]}` are shown as they are and not checked: numbers that are not the trace's.
REF is one of: `NAME[INDEX]` any element (`x[0]`, `fc1[0]`, `fc1.weight[0, 1]`, `input[0]` of the current step; a module's name is its
output), `value` (the number where the walk stands), `sum N`, `term N`, `stage NAME`, `shape NAME`, `parameters` (of the current module),
`parameters PATH`, `min NAME`, `max NAME`, `mean NAME`, `zeros NAME` (how many), `after NAME[INDEX]` (a buffer of this step after the call
that wrote it), and any of them after `before`: the same in the run before the edits.

Lessons in another language are another file, `neuron.de.md` beside `neuron.md`, with `language: de`. The words of blocks and quotes
(`predict`, `> Hint:`) stay as they are. What NeuronTUI says itself (prompts, hints, diagnoses, keys, a handout's buttons) is taken from
`words.de.md` beside the lesson, or else from its own: a table of English sentences and what they are in that language. What is not in the
table stays English.
"""

from __future__ import annotations
