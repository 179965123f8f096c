import { secureHeaders } from 'hono/secure-headers';

/**
 * A bench report is one file with its scripts and styles inline. The sandbox gives it an origin of its own, so that it
 * has no access to these pages.
 */
export const REPORT_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts";

/**
 * Sets the headers of every answer; a handler may have set its own Content-Security-Policy. The policy allows nothing
 * inline and nothing from elsewhere, so that the text of an option can never run as a script. No HSTS: the dashboard
 * itself speaks plain HTTP, and a proxy that adds TLS sets it.
 */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  strictTransportSecurity: false,
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
  overwrite: false,
});
