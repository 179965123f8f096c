import { type NONCE, secureHeaders } from 'hono/secure-headers';

/** Sources of a page's own scripts and styles, beside the defaults below. */
interface PageSources {
  readonly script?: readonly string[];
  readonly style?: readonly (string | typeof NONCE)[];
  readonly font?: readonly string[];
}

/**
 * Security headers for every answer: nothing inline, nothing from other origins, no framing, no content sniffing. A
 * handler may set its own Content-Security-Policy; it is kept.
 */
export function securityHeaders(sources: PageSources = {}) {
  const { script = ["'self'"], style = ["'self'"], font = ["'self'"] } = sources;
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [...script],
      styleSrc: [...style],
      imgSrc: ["'self'", 'data:'],
      fontSrc: [...font],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
    referrerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    // A proxy terminates TLS; the header is its decision.
    strictTransportSecurity: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    removePoweredBy: false,
    overwrite: false,
  });
}
