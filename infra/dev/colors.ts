/** Colors on a terminal alone: picocolors would also color whatever runs with `CI` set, whose logs people read as text. */
import picocolors from 'picocolors';

export const colors = picocolors.createColors(process.stderr.isTTY === true && !process.env['NO_COLOR']);
