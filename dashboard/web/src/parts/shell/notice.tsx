import type { ComponentChildren } from 'preact';
import type { ProblemView } from '../../../../api/problem.ts';

/** Shown instead of data: loading, empty or failed. */
export function Notice(props: { kind: 'loading' | 'empty' | 'error'; title: string; children?: ComponentChildren }) {
  return (
    <div class={`notice ${props.kind}`} role={props.kind === 'error' ? 'alert' : 'status'}>
      {props.kind === 'loading' && <span class="spinner" aria-hidden="true" />}
      <p class="notice-title">{props.title}</p>
      {props.children !== undefined && <div class="notice-text">{props.children}</div>}
    </div>
  );
}

export function ProblemNotice({ problem, retry }: { problem: ProblemView; retry?: () => void }) {
  return (
    <Notice kind="error" title={problem.title}>
      <p>{problem.detail}</p>
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </Notice>
  );
}

/** Shown if there is no data yet because the server does not answer. */
export function Unreachable() {
  return (
    <Notice kind="error" title="The dashboard server cannot be reached">
      Retrying …
    </Notice>
  );
}
