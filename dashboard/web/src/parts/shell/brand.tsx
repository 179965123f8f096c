/** The logo: two transports, one count. */
export function Brand() {
  return (
    <a class="brand" href="/" aria-label="Votewire, live results">
      <svg viewBox="0 0 40 24" width="40" height="24" aria-hidden="true">
        <g fill="none" stroke-width="2.6" stroke-linecap="round">
          <path class="wire-http" d="M2 4c10 0 10 8 19 8" />
          <path class="wire-grpc" d="M2 20c10 0 10-8 19-8" />
          <path class="wire-out" d="M21 12h9" />
        </g>
        <circle class="wire-end" cx="34.5" cy="12" r="3.6" />
      </svg>
      <span>Votewire</span>
    </a>
  );
}
