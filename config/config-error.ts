/** An invalid setting that keeps a process from starting. Entry files print the message and exit with code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /**
   * `<variable> must be <rule>; got "<value>"`
   *
   * @param value undefined for a secret, which the message must not contain
   */
  static invalid(variable: string, value: string | undefined, rule: string): ConfigError {
    const got = value === undefined ? '' : `; got ${JSON.stringify(value.slice(0, 200))}`;
    return new ConfigError(`${variable} must be ${rule}${got}`);
  }
}
