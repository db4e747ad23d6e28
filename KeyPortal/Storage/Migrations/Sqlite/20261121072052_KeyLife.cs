using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KeyPortal.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeyLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Policy_ApprovalScopes",
                table: "organizations",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "Policy_DefaultGracePeriodSeconds",
                table: "organizations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 86400L);

            migrationBuilder.AddColumn<bool>(
                name: "Policy_NetworksRequiredForLive",
                table: "organizations",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "Policy_RotationAgeSeconds",
                table: "organizations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "FastHash",
                table: "key_secrets",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "FirstUsedAt",
                table: "key_secrets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "HashKeyId",
                table: "key_secrets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LastUsedAt",
                table: "key_secrets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "LastUsedIp",
                table: "key_secrets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ApprovalAskedAt",
                table: "api_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ApprovedAt",
                table: "api_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ApprovedBy",
                table: "api_keys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PreviousEndsAt",
                table: "api_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "RotatedAt",
                table: "api_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "RotationAgeSeconds",
                table: "api_keys",
                type: "INTEGER",
                nullable: true);

            // Secrets from before uses were told may have been used: none of them may be taken for one whose answer was lost.
            migrationBuilder.Sql("""UPDATE key_secrets SET "FirstUsedAt" = "CreatedAt" """);

            migrationBuilder.CreateTable(
                name: "idempotent_calls",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "TEXT", nullable: false),
                    Path = table.Column<string>(type: "TEXT", nullable: false),
                    KeyHash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    BodyHash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    ResourceId = table.Column<string>(type: "TEXT", nullable: false),
                    DoneAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_idempotent_calls", x => new { x.OrganizationId, x.Path, x.KeyHash });
                });

            migrationBuilder.CreateTable(
                name: "sent_reminders",
                columns: table => new
                {
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Deadline = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    DueAt = table.Column<long>(type: "INTEGER", nullable: false),
                    DaysBefore = table.Column<int>(type: "INTEGER", nullable: false),
                    SentAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sent_reminders", x => new { x.KeyId, x.Deadline, x.DueAt, x.DaysBefore });
                    table.ForeignKey(
                        name: "FK_sent_reminders_api_keys_KeyId",
                        column: x => x.KeyId,
                        principalTable: "api_keys",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_key_secrets_FastHash",
                table: "key_secrets",
                column: "FastHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_idempotent_calls_DoneAt",
                table: "idempotent_calls",
                column: "DoneAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "idempotent_calls");

            migrationBuilder.DropTable(
                name: "sent_reminders");

            migrationBuilder.DropIndex(
                name: "IX_key_secrets_FastHash",
                table: "key_secrets");

            migrationBuilder.DropColumn(
                name: "Policy_ApprovalScopes",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "Policy_DefaultGracePeriodSeconds",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "Policy_NetworksRequiredForLive",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "Policy_RotationAgeSeconds",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "FastHash",
                table: "key_secrets");

            migrationBuilder.DropColumn(
                name: "FirstUsedAt",
                table: "key_secrets");

            migrationBuilder.DropColumn(
                name: "HashKeyId",
                table: "key_secrets");

            migrationBuilder.DropColumn(
                name: "LastUsedAt",
                table: "key_secrets");

            migrationBuilder.DropColumn(
                name: "LastUsedIp",
                table: "key_secrets");

            migrationBuilder.DropColumn(
                name: "ApprovalAskedAt",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "ApprovedAt",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "ApprovedBy",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "PreviousEndsAt",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "RotatedAt",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "RotationAgeSeconds",
                table: "api_keys");
        }
    }
}
