import { useId, useState } from 'preact/hooks';

import { listJobs } from './api.ts';
import { keepToken, token, wantsToken } from './session.ts';
import { CallError } from '../worker/client.ts';

/** Asks for the server's token. */
export function SignIn() {
  const id = useId();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState(token() ? 'The server no longer accepts the token of this tab.' : '');
  const [isAsking, setIsAsking] = useState(false);
  const signIn = async (event: Event) => {
    event.preventDefault();
    keepToken(text.trim());
    setIsAsking(true);
    try {
      await listJobs();
      wantsToken.value = false;
    } catch (error) {
      keepToken('');
      const isRefused = error instanceof CallError && error.failure.code === 'unauthorized';
      setProblem(isRefused ? 'The server does not accept this token.' : String(error instanceof Error ? error.message : error));
    } finally {
      setIsAsking(false);
    }
  };
  return (
    <form class="sign-in" onSubmit={signIn}>
      <h1>The server wants its token</h1>
      <p class="lead">It is the one that the server was started with. It stays in this tab, and is forgotten with it.</p>
      <div class="field">
        <label for={id}>Token</label>
        <div class="row">
          <input id={id} type="password" autocomplete="off" required value={text} aria-invalid={problem !== ''} aria-describedby={`${id}-problem`} onInput={(event) => setText(event.currentTarget.value)} />
          <button type="submit" class="primary" disabled={isAsking || text.trim() === ''}>Continue</button>
        </div>
        <p id={`${id}-problem`} class="problem" role="alert">{problem}</p>
      </div>
    </form>
  );
}
