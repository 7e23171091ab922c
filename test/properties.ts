import fc from 'fast-check';

/**
 * fast-check with one seed for every run, so that the same code always gives the same result; `PROPERTY_SEED` names
 * another one, and `make properties` tries many.
 */
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20261122) });

export { fc };
