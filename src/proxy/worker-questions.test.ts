import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerQuestions } from './worker-questions.ts';

test('each question gets its own answer, in whatever order they come', async () => {
  const questions = new WorkerQuestions<string>();
  const ids: number[] = [];
  const ask = (): Promise<string> =>
    questions.ask(
      (id) => ids.push(id),
      () => 'late',
    );
  const both = [ask(), ask()];
  const [first = 0, second = 0] = ids;
  questions.answer(second, 'two');
  questions.answer(first, 'one');
  questions.answer(first, 'again');
  questions.answer(99, 'nobody asked');
  assert.deepEqual(await Promise.all(both), ['one', 'two']);
});

test('without an answer in time it is the late one; what comes then is forgotten', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const questions = new WorkerQuestions<string>();
  let asked = 0;
  const answer = questions.ask(
    (id) => {
      asked = id;
    },
    () => 'late',
  );
  t.mock.timers.tick(2_000);
  assert.equal(await answer, 'late');
  questions.answer(asked, 'too late');
});
