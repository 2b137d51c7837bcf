/** Days that a key is offered to live. */
export const LIFETIMES = [7, 30, 90, 365];
