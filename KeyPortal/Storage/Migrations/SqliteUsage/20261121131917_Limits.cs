using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KeyPortal.Storage.Migrations.SqliteUsage
{
    /// <inheritdoc />
    public partial class Limits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "limit_violations",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    OrganizationId = table.Column<string>(type: "TEXT", nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    LimitName = table.Column<string>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Refused = table.Column<long>(type: "INTEGER", nullable: false),
                    Addresses = table.Column<string>(type: "TEXT", nullable: false, defaultValueSql: "'[]'")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_limit_violations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "quota_uses",
                columns: table => new
                {
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Period = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Used = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_quota_uses", x => new { x.KeyId, x.Period, x.Number });
                });

            migrationBuilder.CreateIndex(
                name: "IX_limit_violations_LastAt",
                table: "limit_violations",
                column: "LastAt");

            migrationBuilder.CreateIndex(
                name: "IX_limit_violations_OrganizationId_Id",
                table: "limit_violations",
                columns: new[] { "OrganizationId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_limit_violations_OrganizationId_KeyId_Id",
                table: "limit_violations",
                columns: new[] { "OrganizationId", "KeyId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_quota_uses_Period_Number",
                table: "quota_uses",
                columns: new[] { "Period", "Number" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "limit_violations");

            migrationBuilder.DropTable(
                name: "quota_uses");
        }
    }
}
