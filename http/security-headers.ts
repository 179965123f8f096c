import { type NONCE, secureHeaders } from 'hono/secure-headers';

/** Sources of a page's scripts and styles that replace the defaults below. */
interface PageSources {
  readonly script?: readonly string[];
  readonly style?: readonly (string | typeof NONCE)[];
  readonly font?: readonly string[];
  /** Origins that may frame the page. Default: none. */
  readonly frameAncestors?: readonly string[];
}

/**
 * Security headers for every answer: nothing inline, nothing from other origins, no framing unless allowed, no content
 * sniffing. A Content-Security-Policy that a handler sets is kept.
 */
export function securityHeaders(sources: PageSources = {}) {
  const { script = ["'self'"], style = ["'self'"], font = ["'self'"], frameAncestors = [] } = sources;
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
      frameAncestors: frameAncestors.length === 0 ? ["'none'"] : [...frameAncestors],
    },
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
    referrerPolicy: 'same-origin',
    // X-Frame-Options cannot name origins; browsers that support frame-ancestors ignore it.
    xFrameOptions: frameAncestors.length === 0 ? 'DENY' : false,
    // The proxy that terminates TLS decides about HSTS.
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
