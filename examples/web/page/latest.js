/**
 * Answers the newest question only.
 *
 * While one question is being answered, the next one waits; a newer one takes its place. The
 * answer to a question that is no longer the newest is dropped.
 *
 * @template Question, Answer
 * @param {(question: Question, signal: AbortSignal) => Promise<Answer>} ask
 * @param {(answer: Answer, question: Question) => void} show
 * @param {(problem: unknown) => void} fail
 * @returns {{put: (question: Question) => void, drop: () => void}} `put` asks, `drop` wants no
 *     answer any more
 */
export function latestOnly(ask, show, fail) {
  let waiting = null;
  let running = null;

  async function run() {
    while (waiting !== null) {
      const { question } = waiting;
      waiting = null;
      running = new AbortController();
      const { signal } = running;
      try {
        const answer = await ask(question, signal);
        if (!signal.aborted) show(answer, question);
      } catch (problem) {
        if (!signal.aborted) fail(problem);
      }
    }
    running = null;
  }

  return {
    put(question) {
      const idle = running === null;
      waiting = { question };
      running?.abort();
      if (idle) run();
    },
    drop() {
      waiting = null;
      running?.abort();
    },
  };
}
