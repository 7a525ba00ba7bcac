/** What a user may do. */
export enum UserRole {
  /** Pull images and see the UI. */
  Pull = "pull",
  /** Pull, push and delete. */
  Push = "push",
}
