import type { ComponentChildren } from 'preact';
import type { ProblemView } from '../../../../api/problem.ts';

/** What stands where data would: none yet, none at all, or none to be had. */
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

/** Nothing is known so far, for nobody answers. */
export function Unreachable() {
  return (
    <Notice kind="error" title="The dashboard’s server can’t be reached">
      It is tried again by itself.
    </Notice>
  );
}
