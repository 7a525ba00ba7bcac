/** What a user may do. */
export const UserRole = {
  /** Pull images and see the UI. */
  Pull: "pull",
  /** Pull, push and delete. */
  Push: "push",
} as const;
export type UserRole = (typeof UserRole)[keyof typeof UserRole];
